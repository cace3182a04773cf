// The development server: the little desk behind HTTP and a socket, with the built workspace and its strict policy.
//   npm run build && npm run mock [-- --port 4173 --lively]     sign in: ana@desk.test / secret
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { dirname, extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import { Desk } from './desk.mjs'
import { FeedSession } from './feed.mjs'
import { handle } from './rest.mjs'
import { fill } from './samples.mjs'

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : (process.argv[at + 1] ?? '')
}
const port = Number(argument('port', 4173))
const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist')
const clock = { at: Date.now() }
const desk = new Desk({ now: () => clock.at, seed: 42, epoch: `e${Date.now()}` })
fill(desk, clock)
desk.now = Date.now
const blobs = new Map()
const sessions = new Map() // token -> agent
const feeds = new Set()

// Kept as strict as can be, to prove that the workspace needs no more.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; " +
  "frame-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

const tokenOf = (req) => /centralita_session=(\w+)/.exec(req.headers.cookie ?? '')?.[1]
const agentOf = (req) => sessions.get(tokenOf(req))

async function bodyOf(req) {
  const chunks = []
  for await (const c of req) chunks.push(c)
  return Buffer.concat(chunks)
}

function answer(res, status, body, headers = {}) {
  res.writeHead(status, { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json', ...headers })
  res.end(body === undefined ? '' : JSON.stringify(body))
}

function signIn(res, body) {
  const agent = [...desk.agents.values()].find((a) => a.email === body.email && a.password === body.password)
  if (!agent) return answer(res, 401, { code: 'unauthenticated', detail: 'wrong' })
  const token = desk.id('t')
  sessions.set(token, agent)
  answer(res, 200, {}, { 'Set-Cookie': [`centralita_session=${token}; HttpOnly; Path=/; SameSite=Lax`, `centralita_csrf=x${token}; Path=/`] })
}

async function api(req, res, url) {
  const path = url.pathname.slice('/api/v1'.length)
  const raw = await bodyOf(req)
  if (path === '/setup') return answer(res, 200, { needed: false })
  if (path === '/session' && req.method === 'POST') return signIn(res, JSON.parse(raw))
  const agent = agentOf(req)
  if (!agent) return answer(res, 401, { code: 'unauthenticated', detail: 'sign in first' })
  if (req.method !== 'GET' && req.headers['x-centralita-csrf'] !== `x${tokenOf(req)}`) return answer(res, 403, { code: 'denied', detail: 'csrf' })
  if (path === '/session') return sessions.delete(tokenOf(req)), answer(res, 204)
  if (path === '/uploads') {
    const blob = createHash('sha256').update(raw).digest('hex')
    blobs.set(blob, raw)
    return answer(res, 201, { blob, name: url.searchParams.get('name'), media_type: req.headers['content-type'], size: raw.length })
  }
  if (path.startsWith('/blobs/')) {
    res.writeHead(200, { 'Content-Type': 'application/octet-stream' })
    return res.end(blobs.get(path.slice(7)) ?? 'a file')
  }
  const { status, body } = handle(desk, agent, req.method, path + url.search, raw.length > 0 ? JSON.parse(raw) : undefined)
  answer(res, status, body)
}

async function page(res, url) {
  const name = normalize(url.pathname).replace(/^\/+/, '') || 'index.html'
  const read = (n) => readFile(join(dist, n)).then((data) => ({ data, type: types[extname(n)] ?? 'application/octet-stream' }))
  const file = await read(name).catch(() => (extname(name) ? null : read('index.html')))
  if (!file) return answer(res, 404, { code: 'not_found' })
  res.writeHead(200, { 'Content-Type': file.type, 'Content-Security-Policy': policy, 'Cache-Control': 'no-store' })
  res.end(file.data)
}

const server = createServer((req, res) => {
  const url = new URL(req.url, 'http://desk')
  const work = url.pathname.startsWith('/api/v1/') ? api(req, res, url) : page(res, url)
  work.catch((err) => (console.error(err), res.headersSent || answer(res, 500, { code: 'internal', detail: String(err) })))
})

const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'centralita.v1.json' })
server.on('upgrade', (req, socket, head) => {
  const agent = agentOf(req)
  if (!agent) return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
  sockets.handleUpgrade(req, socket, head, (ws) => {
    const feed = new FeedSession({ desk, agent, send: (f) => ws.send(JSON.stringify(f)) })
    feeds.add(feed)
    ws.on('message', (data) => feed.receive(String(data)))
    ws.on('close', () => (feed.close(), feeds.delete(feed)))
  })
})

function typing(conversation, on) {
  for (const f of feeds) f.sendFrame({ presence: { conversation, who: 'contact', name: '', typing: on } })
}

// The sample customers write by themselves, and replies are delivered.
function live() {
  const contact = { contact: 'ct_visitor', name: 'Visitor 7K2', identities: [{ kind: 'visitor', value: 'ch_chat/7k2' }] }
  typing(desk.chat, true)
  setTimeout(() => desk.receive({ conversation: desk.chat, channel: 'ch_chat', contact, body: { text: `it is ${new Date().toLocaleTimeString()}` } }), 2500)
  const who = { contact: desk.id('ct_'), name: 'Nora Lindqvist', identities: [{ kind: 'email', value: 'nora@customer.example' }] }
  if (desk.random() < 0.6) desk.receive({ channel: 'ch_mail', contact: who, subject: 'A new matter', body: { text: 'Something new happened.' } })
}
desk.listeners.add((r) => {
  const message = r.event.replyRequested?.message
  if (message) setTimeout(() => desk.settle(r.stream.split('/')[1], message, 'DELIVERY_STATE_SENT'), 1200)
})
if (process.argv.includes('--lively')) setInterval(live, 6000)

server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}  ana@desk.test / secret  ${desk.showpiece} ${desk.chat}`))
