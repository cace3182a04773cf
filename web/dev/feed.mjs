// One agent's socket on the little desk (desk.mjs): frames in, frames out. The transport is given as two functions.

export class FeedSession {
  // limit: a gap longer than this is answered with Reset.
  constructor({ desk, agent, send, onTyping = () => {}, limit = 1000 }) {
    Object.assign(this, { desk, agent, sendFrame: send, onTyping, limit })
    this.sub = {}
    this.open = false
    this.listener = (record) => this.open && this.emit(record)
    desk.listeners.add(this.listener)
  }

  close() {
    this.desk.listeners.delete(this.listener)
    this.open = false
  }

  emit(record) {
    for (const f of this.desk.frames(record, this.sub)) this.sendFrame(f)
  }

  receive(text) {
    const frame = JSON.parse(text)
    if (frame.hello) this.hello = frame.hello
    else if (frame.subscribe) this.subscribe(frame.subscribe)
    else if (frame.ping) this.sendFrame({ pong: {} })
    else if (frame.typing) this.onTyping(frame.typing, this.agent)
    else if (frame.command) this.command(frame)
  }

  subscribe(sub) {
    this.sub = sub
    if (this.open || !this.hello) return
    this.open = true
    const { desk } = this
    const { epoch = '', position = 0 } = this.hello
    const from = Number(position)
    this.sendFrame({ welcome: { epoch: desk.epoch, position: desk.position, agent: this.agent.agent } })
    if (epoch !== '' && (epoch !== desk.epoch || desk.position - from > this.limit)) {
      this.sendFrame({ reset: { epoch: desk.epoch, position: desk.position, reason: 'the gap is too long' } })
    } else if (epoch !== '') {
      for (const r of desk.log.slice(from)) this.emit(r)
    }
    this.sendFrame({ caughtUp: { position: desk.position } })
  }

  command({ id, command }) {
    try {
      const done = this.desk.command(command.stream, command.command, this.agent)
      this.sendFrame({ done: { id, ...done } })
    } catch (err) {
      this.sendFrame({ refused: { id, code: err.code ?? 'internal', message: err.message, field: err.field ?? '' } })
    }
  }
}
