/// <reference types="vite/client" />
/** From package.json, put in by the build. */
declare const __PLAYER_VERSION__: string
