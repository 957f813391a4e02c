import { v7 } from 'uuid'

/** A new id; ids made later sort later. */
export function newId(): string {
  return v7()
}
