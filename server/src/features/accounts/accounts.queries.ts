import { and, desc, eq, gt, ne } from 'drizzle-orm'
import type { Read, Tx } from '../../db/db.ts'
import type { Row } from '../../db/rows.ts'

export type SessionRow = Row<'sessions'>
export type UserRow = Row<'users'>

/** The session of a token, by its hash, with its person. */
export async function findSession(
  read: Read,
  tokenHash: string,
): Promise<{ session: SessionRow; user: UserRow } | null> {
  const { sessions, users } = read.tables
  const [row] = await read
    .select({ session: sessions, user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(sessions.token, tokenHash))
  return row ?? null
}

export async function findSessionById(read: Read, id: string): Promise<SessionRow | null> {
  const { sessions } = read.tables
  const [row] = await read.select().from(sessions).where(eq(sessions.id, id))
  return row ?? null
}

/** A person's sessions that are not over, the latest used first. */
export function findSessions(read: Read, userId: string, now: Date): Promise<SessionRow[]> {
  const { sessions } = read.tables
  return read
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), gt(sessions.expiresAt, now)))
    .orderBy(desc(sessions.updatedAt))
}

export function findOtherSessions(read: Read, userId: string, keptId: string): Promise<SessionRow[]> {
  const { sessions } = read.tables
  return read
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), ne(sessions.id, keptId)))
}

export async function touchSession(tx: Tx, id: string, times: { updatedAt: Date; expiresAt: Date }): Promise<void> {
  const { sessions } = tx.tables
  await tx.update(sessions).set(times).where(eq(sessions.id, id))
}

export async function setSessionTenant(tx: Tx, id: string, tenantId: string): Promise<void> {
  const { sessions } = tx.tables
  await tx.update(sessions).set({ tenantId }).where(eq(sessions.id, id))
}

export async function isAnybodyThere(read: Read): Promise<boolean> {
  const { users } = read.tables
  return (await read.select({ id: users.id }).from(users).limit(1)).length > 0
}

export function findUsers(read: Read): Promise<UserRow[]> {
  const { users } = read.tables
  return read.select().from(users).orderBy(users.email)
}

export async function findUserByEmail(read: Read, email: string): Promise<UserRow | null> {
  const { users } = read.tables
  const [row] = await read.select().from(users).where(eq(users.email, email))
  return row ?? null
}

export async function setOperator(tx: Tx, userId: string): Promise<void> {
  const { users } = tx.tables
  await tx.update(users).set({ operator: true }).where(eq(users.id, userId))
}

export async function findMark(read: Read, name: string): Promise<string | null> {
  const { marks } = read.tables
  const [row] = await read.select().from(marks).where(eq(marks.name, name))
  return row?.value ?? null
}

export async function setMark(tx: Tx, name: string, value: string): Promise<void> {
  await tx
    .insert(tx.tables.marks)
    .values({ name, value })
    .onConflictDoUpdate({ target: tx.tables.marks.name, set: { value } })
}

/** False if it was not there with this value, e.g. because somebody else took it first. */
export async function takeMark(tx: Tx, name: string, value: string): Promise<boolean> {
  const { marks } = tx.tables
  const taken = await tx
    .delete(marks)
    .where(and(eq(marks.name, name), eq(marks.value, value)))
    .returning({ name: marks.name })
  return taken.length > 0
}
