const no = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

/** The import rule of ARCHITECTURE.md. `server/test/import-rule.test.ts` proves each rule with a wrong import. */
export default {
  forbidden: [
    no('no-circular', 'a cycle hides who owns what', {}, { circular: true }),
    no(
      'shared-is-the-bottom',
      'shared runs everywhere, so it knows nobody',
      { path: '^shared/' },
      { path: '^(server|panel|player|e2e)/' },
    ),
    no(
      'clients-know-types-only',
      'a client takes types from the server, never code',
      { path: '^(panel|player)/' },
      { path: '^server/', dependencyTypesNot: ['type-only'] },
    ),
    no(
      'clients-know-the-router-only',
      'the router type is the whole door',
      { path: '^(panel|player)/' },
      { path: '^server/', pathNot: '^server/src/router\\.ts$' },
    ),
    no(
      'clients-apart',
      'the panel and the player do not know each other',
      { path: '^(panel|player)/' },
      { path: '^(panel|player)/', pathNot: '^$1/' },
    ),
    no(
      'ports-stand-alone',
      'a module under the features knows no feature',
      { path: '^server/src/(db|storage|events|jobs|lib)/' },
      { path: '^server/src/', pathNot: '^server/src/($1|lib|db/db\\.ts|db/tables\\.ts|db/rows\\.ts|errors\\.ts)' },
    ),
    no(
      'features-stay-inside',
      'nothing below the app reaches up',
      { path: '^server/src/features/' },
      { path: '^server/src/(runtime|cli|mcp|rest|http|app\\.ts|router\\.ts)' },
    ),
    no(
      'one-door-per-feature',
      'another feature is reached by its usecases',
      { path: '^server/src/features/([^/]+)/' },
      { path: '^server/src/features/', pathNot: '^server/src/features/($1/|[^/]+/[^/]+\\.usecases\\.ts$)' },
    ),
    no(
      'sql-in-queries',
      'only queries files and db know the tables',
      { path: '^server/src/', pathNot: '(^server/src/db/|^server/src/(events|jobs)/|\\.queries\\.ts$|\\.test\\.ts$)' },
      { path: '(^server/src/db/tables|drizzle-orm)', dependencyTypesNot: ['type-only'] },
    ),
    no(
      'procedures-call-usecases',
      'a procedure holds no SQL and no bytes',
      { path: '\\.procedures\\.ts$' },
      { path: '(\\.queries\\.ts$|^server/src/(db|storage)/)' },
    ),
    no(
      'adapters-are-chosen-at-the-door',
      'only the runtime opens a real database or storage',
      { path: '^server/src/', pathNot: '(^server/src/(runtime|cli|db|storage|events|jobs)/|\\.test\\.ts$|/testing/)' },
      {
        path: '^server/src/(db/open|storage/(local|memory|open)|events/(hub|in-process|postgres|open)|jobs/(database|open))',
      },
    ),
    no(
      'runtime-apart',
      'only runtime/, the command line and the adapters use node: or Deno modules',
      {
        path: '^server/src/',
        pathNot: '(^server/src/(runtime|cli|db|storage|lib|events|jobs)/|\\.test\\.ts$|/testing/)',
      },
      { dependencyTypes: ['core'] },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'server/tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(dist|build|\\.svelte-kit)/' },
  },
}
