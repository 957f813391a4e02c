/** `minPasswordLength` of shared/accounts.ts, whose import would bring zod into the first page; a test holds them equal. */
export const leastPassword = 10
