import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { EndOfSpan, Tracing } from './telemetry.ts'

/** Spans by OpenTelemetry; the exporter reads endpoint, headers and time-outs from the standard variables. */
export function traceWithOpenTelemetry(env: Record<string, string | undefined>): Tracing {
  const manager = new AsyncLocalStorageContextManager().enable()
  context.setGlobalContextManager(manager)
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': env.OTEL_SERVICE_NAME || 'marquee' })),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  })
  const tracer = provider.getTracer('marquee')
  return {
    span(name, { facts = {}, parent, ended }, work) {
      const within = parentOf(parent)
      const kind = parent === undefined ? SpanKind.INTERNAL : SpanKind.SERVER
      return tracer.startActiveSpan(name, { attributes: { ...facts }, kind }, within, async (span) => {
        try {
          const result = await work()
          if (ended) finish(span, ended(result))
          return result
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' })
          throw error
        } finally {
          span.end()
        }
      })
    },
    async close() {
      // A collector that is away must not hold up the end.
      await provider.shutdown().catch(() => undefined)
      manager.disable()
      context.disable()
    },
  }
}

/** The caller's span, where the header is one; else the span that runs. */
function parentOf(parent: string | null | undefined) {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(parent ?? '') ?? []
  if (!traceId || !spanId || !flags) return context.active()
  return trace.setSpanContext(context.active(), {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
  })
}

function finish(span: Span, { failed, facts }: EndOfSpan): void {
  if (facts) span.setAttributes({ ...facts })
  if (failed !== undefined) span.setAttribute('marquee.code', failed)
  // Refusals are answers; only what the server could not do is an error of it.
  if (failed === 'internal' || failed === 'unavailable') span.setStatus({ code: SpanStatusCode.ERROR, message: failed })
}
