import process from 'node:process'

/** The other side of `runLoad`: does the work for the message that comes and sends back what it gives. */
export function answerLoad<I, O>(work: (input: I) => Promise<O>): void {
  process.once('message', (input: I) => {
    work(input).then(
      (answer) => process.send?.(answer),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  })
}
