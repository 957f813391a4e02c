declare global {
  /** Makes the router check what procedures give back against their output schemas; too dear for the running server. */
  var MARQUEE_CHECK_OUTPUTS: boolean | undefined
}

globalThis.MARQUEE_CHECK_OUTPUTS = true
