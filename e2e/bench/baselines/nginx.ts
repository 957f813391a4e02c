import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const paths = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx']

/** Where nginx is, or null where it is not installed. */
export const findNginx = (): string | null => paths.find((path) => existsSync(path)) ?? null

/** Starts nginx as one process that serves `folder`, with sendfile. */
export function spawnNginx(
  binary: string,
  { folder, scratch, port }: { folder: string; scratch: string; port: number },
) {
  mkdirSync(scratch, { recursive: true })
  const config = join(scratch, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${scratch};`)
  writeFileSync(
    config,
    `daemon off; master_process off; error_log stderr warn; pid ${join(scratch, 'nginx.pid')};
    events { worker_connections 1024; }
    http {
      ${temporary.join(' ')}
      types { video/mp4 mp4; image/jpeg jpg; }
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
      server {
        listen 127.0.0.1:${port}; root ${folder};
        location / { add_header Cache-Control "public, max-age=31536000, immutable"; }
      }
    }`,
  )
  return spawn(binary, ['-c', config, '-p', scratch], { stdio: ['ignore', 'pipe', 'pipe'] })
}
