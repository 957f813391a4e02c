declare global {
  namespace App {
    interface PageState {
      /** The ad whose editor is open above the page, so that "back" closes it. */
      adId?: string
    }
  }
}

export {}
