import { approvalHeader } from '@marquee/shared/approvals.ts'
import type { Scope } from '@marquee/shared/keys.ts'
import type { Role } from '@marquee/shared/tenants.ts'
import type { Actor, KeyActor, Manager, ScreenActor } from '../src/access.ts'
import { createApp } from '../src/app.ts'
import type { Tx } from '../src/db/db.ts'
import { AppError } from '../src/errors.ts'
import { approvalGate } from '../src/features/approvals/approvals.gate.usecases.ts'
import { registerJobs } from '../src/features/register-jobs.usecases.ts'
import { newId } from '../src/lib/id.ts'
import { hashToken } from '../src/lib/secret.ts'
import { appRouter } from '../src/router.ts'
import { listenNode } from '../src/runtime/listen-node.ts'
import { createCallerFactory, type Person } from '../src/trpc.ts'
import { openTestDeps, type TestDeps } from './test-deps.ts'

const createCaller = createCallerFactory(appRouter)
export type TestCaller = ReturnType<typeof createCaller>

export type TestApp = TestDeps & {
  readonly deps: TestDeps
  /** A typed caller for an actor, past the credentials but through access and validation. */
  as(actor: Actor | null, request?: { address?: string; headers?: Headers }): TestCaller
  /** A new tenant with an owner who looks at it. */
  tenant(id?: string): Promise<Manager>
  /** Another person with a role in the tenant of `owner`. */
  member(owner: Manager, role: Role): Promise<Manager>
  key(owner: Manager, scopes: Scope[], purpose?: KeyActor['purpose']): KeyActor
  /** A paired screen of the tenant; gives its id. */
  screen(owner: Manager): Promise<string>
  screenActor(owner: Manager, screenId: string): ScreenActor
  /** One request through the whole app, without a socket. */
  fetch(request: Request | string, init?: RequestInit, address?: string): Promise<Response>
  /** Listens on a free port of loopback; `app.url` of it is the base. Ends with the app. */
  listen(): Promise<{ url: string }>
}

/** The whole server on real parts in a temporary folder. `await using app = await createTestApp()`. */
export async function createTestApp(settings: Record<string, string> = {}): Promise<TestApp> {
  const opened = await openTestDeps(settings)
  const disposeDeps = opened[Symbol.asyncDispose]
  const deps = Object.assign(opened, { baseUrl: 'http://localhost' })
  registerJobs(deps)
  const app = createApp(deps, { assets: async () => null })
  const closers: (() => Promise<void>)[] = []

  const addPerson = async (tenantId: string, role: Role): Promise<Manager> => {
    const userId = newId()
    const now = deps.clock.now()
    const name = `${role} of ${tenantId}`
    await deps.db.write(async (tx) => {
      await tx
        .insert(tx.tables.users)
        .values({ id: userId, name, email: `${userId}@example.com`, createdAt: now, updatedAt: now })
      await tx.insert(tx.tables.members).values({ tenantId, userId, role, createdAt: now })
    })
    return { kind: 'person', userId, sessionId: newId(), name, operator: false, tenantId, role }
  }

  return Object.assign(deps, {
    deps,
    as: (actor: Actor | null, { address = '127.0.0.1', headers = new Headers() } = {}) =>
      createCaller({
        deps,
        request: { id: newId(), address, headers },
        who: whoIs(actor),
        gate: approvalGate(deps, headers.get(approvalHeader)),
        resHeaders: new Headers(),
      }),
    async tenant(id = `t${newId().slice(-12)}`) {
      await deps.db.write((tx: Tx) =>
        tx.insert(tx.tables.tenants).values({ id, name: id, createdAt: deps.clock.now() }),
      )
      return addPerson(id, 'owner')
    },
    member: (owner: Manager, role: Role) => addPerson(owner.tenantId, role),
    key: (owner: Manager, scopes: Scope[], purpose: KeyActor['purpose'] = 'script'): KeyActor => ({
      kind: 'key',
      keyId: newId(),
      name: 'A test key',
      tenantId: owner.tenantId,
      scopes,
      purpose,
    }),
    async screen({ tenantId }: Manager) {
      const id = newId()
      const settings = { orientation: 0 as const, muted: false, shuffle: false, revision: 0 }
      const row = {
        id,
        tenantId,
        name: 'A test screen',
        tokenHash: hashToken(id),
        createdAt: deps.clock.now(),
        ...settings,
      }
      await deps.db.write((tx) => tx.insert(tx.tables.screens).values(row))
      return id
    },
    screenActor: (owner: Manager, screenId: string): ScreenActor => ({
      kind: 'screen',
      screenId,
      name: 'A test screen',
      tenantId: owner.tenantId,
    }),
    fetch: (request: Request | string, init?: RequestInit, address = '127.0.0.1') =>
      app.fetch(typeof request === 'string' ? new Request(new URL(request, 'http://localhost'), init) : request, {
        address,
      }),
    async listen() {
      const server = await listenNode({ host: '127.0.0.1', port: 0, fetch: app.fetch, deps })
      closers.push(() => server.close(500))
      return { url: `http://127.0.0.1:${server.port}` }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([deps.events.close(), ...closers.map((close) => close())])
      await app.close()
      await disposeDeps()
    },
  })
}

function whoIs(actor: Actor | null) {
  const refuse = () => {
    throw new AppError('not-signed-in', 'Nobody is signed in')
  }
  return {
    actor: async () => (actor && actor.kind !== 'screen' ? actor : refuse()),
    screen: async () => (actor?.kind === 'screen' ? actor : refuse()),
    person: async (): Promise<Person> =>
      actor?.kind === 'person'
        ? {
            userId: actor.userId,
            sessionId: actor.sessionId,
            name: actor.name,
            email: `${actor.userId}@example.com`,
            operator: actor.operator,
          }
        : refuse(),
  }
}
