import type { Actor, ScreenActor } from '../access.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { findManager, findPerson } from '../features/accounts/accounts.usecases.ts'
import { findKeyActor } from '../features/keys/keys.usecases.ts'
import { findScreenActor } from '../features/screens/screens.usecases.ts'
import type { Person, Who } from '../trpc.ts'

/** Looks up who calls, by the credentials of the request. A bearer key wins over a cookie: a script means its key. */
export function whoIs(deps: Deps, headers: Headers): Who {
  return {
    async actor(): Promise<Actor> {
      const bearer = bearerOf(headers)
      if (bearer === null) return (await findManager(deps, headers)) ?? refuse()
      const actor = await findKeyActor(deps, bearer)
      if (actor) return actor
      throw new AppError(
        'wrong-credentials',
        'This key is not known, was revoked or is over. Make a new one in the panel under People and keys',
      )
    },
    async person(): Promise<Person> {
      return (await findPerson(deps, headers)) ?? refuse()
    },
    async screen(): Promise<ScreenActor> {
      return (await findScreenActor(deps, headers)) ?? refuse()
    },
  }
}

/** Looks up who calls where only a key counts, never a cookie. */
export function whoHoldsKey(deps: Deps, headers: Headers): Who {
  const refuseAll = async () => refuse()
  const { actor } = whoIs(deps, headers)
  return { actor: bearerOf(headers) === null ? refuseAll : actor, person: refuseAll, screen: refuseAll }
}

function bearerOf(headers: Headers): string | null {
  const [, key] = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '') ?? []
  return key ?? null
}

function refuse(): never {
  throw new AppError('not-signed-in', 'Sign in, pair the screen, or send an API key as "Authorization: Bearer …"')
}

/** Looks up the caller once, however often it is asked. */
export function askedOnce(who: Who): Who {
  let actor: Promise<Actor> | undefined
  return {
    actor: () => {
      actor ??= who.actor()
      return actor
    },
    person: who.person,
    screen: who.screen,
  }
}
