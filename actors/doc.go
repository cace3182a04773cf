// Package actors is the life of Centralita, and the only package that imports Proto.Actor. It runs the deciders of package
// desk over a journal, supervises connectors, sends what agents write, gives waiting tickets to agents, and feeds whoever
// watches.
//
// The supervision tree, and who owns what:
//
//	System
//	├── shard 0 … 63            routing of commands; which entities are awake; what arrives while one goes to sleep
//	│   └── entity              the state of one stream (conversation, contact, agent, channel, team, setting, draft), in-flight entries
//	├── switchboard             which channels there are
//	│   └── channel             credits, thread resolution in flight, live health of one channel
//	│       ├── connector       one run of a Connector; expendable, restarted alone (supervise.go)
//	│       └── outbox          replies of this channel that are not settled, and their retries
//	├── assignment              the waiting line, the roster, reservations under way
//	├── bots                    what bots of chats have to answer
//	└── timers                  the next due time
//
// The feed is one goroutine that tails the journal and tells switchboard, assignment, timers and outboxes what became
// durable; it owns nothing. Nothing leaves an entity before it is durable: no answer, no order to a connector.
//
// Rules of the house (their reasons are in docs/architecture.md): shards own children, only they stop them, and they hold
// what arrives meanwhile; nothing waits inside Receive except an entity's own replay; mailboxes are unbounded and limits
// are at the edges; no futures; the shell recovers where a panic would make a zombie.
package actors
