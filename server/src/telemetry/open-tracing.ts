import type { Log } from '../deps.ts'
import type { Tracing } from './telemetry.ts'

/**
 * Traces to the collector that the standard variables of OpenTelemetry name; undefined, with nothing loaded, where they
 * name none.
 */
export async function openTracing(env: Record<string, string | undefined>, log: Log): Promise<Tracing | undefined> {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT
  if (!endpoint || env.OTEL_SDK_DISABLED === 'true') return undefined
  const { traceWithOpenTelemetry } = await import('./open-telemetry.ts')
  log.info({}, 'Traces go to the collector of OTEL_EXPORTER_OTLP_ENDPOINT')
  return traceWithOpenTelemetry(env)
}
