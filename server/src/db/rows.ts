import type { Tables } from './tables.ts'

/** Rows as queries give them. */
export type Row<Name extends keyof Tables> = Tables[Name]['$inferSelect']
export type AdRow = Row<'ads'>
export type AssetRow = Row<'assets'>
export type ScreenRow = Row<'screens'>
export type UploadRow = Row<'uploads'>
export type TenantRow = Row<'tenants'>
