// Generates src/gen from proto/ (npm run gen). Needs protoc; CI runs it and requires an empty diff.
import { execFileSync } from 'node:child_process'
import { rmSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const web = dirname(dirname(fileURLToPath(import.meta.url)))
const root = dirname(web)
const out = join(web, 'src', 'gen')
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
execFileSync(
  'protoc',
  [
    '-I', 'desk/v1=proto',
    `--plugin=protoc-gen-es=${join(web, 'node_modules', '.bin', 'protoc-gen-es')}`,
    `--es_out=${out}`,
    '--es_opt=target=ts',
    ...['event', 'command', 'record', 'frame'].map((n) => `desk/v1/${n}.proto`),
  ],
  { cwd: root, stdio: 'inherit' },
)
