import { v7 } from 'uuid'

/** A new id; ids made later sort later. */
export function newId(): string {
  return v7()
}

/** An id of a request, for logs and answers. Nothing sorts them, so this is the quick kind. */
export function newRequestId(): string {
  return crypto.randomUUID()
}
