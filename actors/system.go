package actors

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// Observer is told what the engine measures. All methods may be called from any goroutine.
type Observer interface {
	CountPanic()                         // an actor panicked: a bug
	CountDeadLetter()                    // a message found nobody
	ObserveAppend(time.Duration)         // from the decision to durable
	ObserveAssignmentWait(time.Duration) // from joining the line to having an owner
	CountItem(channel, what string)      // what: inbound, duplicate, refused, quarantined, sighting, forged, sent, failed, unknown, retried
}

// Vault seals channel secrets before they are journaled.
type Vault interface {
	Seal(plain []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}

// Tuning holds the times and limits of the engine; zero values mean the defaults named.
type Tuning struct {
	SleepAfter       time.Duration   // an idle entity is put to sleep; 2 min
	MostAwake        int             // beyond that many entities in memory, those idle for 1 s sleep too; 20,000
	CreditsPerCh     int             // items in flight per channel; 256
	ImportPause      time.Duration   // between two items of the past; 5 ms
	MaxQueued        int             // entries waiting for the writer before new work is refused; 50,000
	RestartMin       time.Duration   // first delay before a connector is started again; 1 s
	RestartMax       time.Duration   // cap; 5 min
	RestartCalm      time.Duration   // a run this long forgets earlier failures; 1 min
	RestartWindow    time.Duration   // failures within it count towards failed; 10 min
	FailedAfter      int             // failures in the window; 5
	AuthRetryMin     time.Duration   // first delay after a refused log-in; 30 s
	ReservationTTL   time.Duration   // a promised place lapses after; 30 s
	PresenceGrace    time.Duration   // an agent's last workspace closed so long ago: not connected; 1 min
	SendTimeout      time.Duration   // one attempt; 2 min
	RetryDelays      []time.Duration // after a temporary failure; 1, 5, 15, 60 min, then 4 h
	GiveUpAfter      time.Duration   // since the reply was asked for; 48 h
	SendsPerChannel  int             // attempts at the same time; 4
	DrainTime        time.Duration   // at a graceful stop; 10 s
	Paces            desk.PaceLimits // of mail: what is beyond them sets nothing in motion for a while; desk.DefaultPaces
	PurgeFirst       time.Duration   // old spam is looked for so long after the start; 1 min
	PurgeEvery       time.Duration   // and then again and again; 12 h
	ConnectorStopMax time.Duration   // a connector that does not end by then is abandoned; 5 s
	AnswerMax        time.Duration   // a server that does not answer a connector by then is gone; as long as the kind of channel gives it
}

func (t Tuning) withDefaults() Tuning {
	dur := func(p *time.Duration, d time.Duration) {
		if *p == 0 {
			*p = d
		}
	}
	num := func(p *int, n int) {
		if *p == 0 {
			*p = n
		}
	}
	dur(&t.SleepAfter, 2*time.Minute)
	num(&t.MostAwake, 20_000)
	num(&t.CreditsPerCh, 256)
	dur(&t.ImportPause, 5*time.Millisecond)
	num(&t.MaxQueued, 50_000)
	dur(&t.RestartMin, time.Second)
	dur(&t.RestartMax, 5*time.Minute)
	dur(&t.RestartCalm, time.Minute)
	dur(&t.RestartWindow, 10*time.Minute)
	num(&t.FailedAfter, 5)
	dur(&t.AuthRetryMin, 30*time.Second)
	dur(&t.ReservationTTL, 30*time.Second)
	dur(&t.PresenceGrace, desk.PresenceGrace)
	dur(&t.SendTimeout, 2*time.Minute)
	if len(t.RetryDelays) == 0 {
		t.RetryDelays = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour}
	}
	dur(&t.GiveUpAfter, 48*time.Hour)
	num(&t.SendsPerChannel, 4)
	dur(&t.DrainTime, 10*time.Second)
	if t.Paces == (desk.PaceLimits{}) {
		t.Paces = desk.DefaultPaces
	}
	dur(&t.PurgeFirst, time.Minute)
	dur(&t.PurgeEvery, 12*time.Hour)
	dur(&t.ConnectorStopMax, 5*time.Second)
	return t
}

// Config is what a System is made of. Store, Blobs, Vault and Logger are required and stay the caller's to close.
type Config struct {
	Store    persistence.Store
	Blobs    channels.Blobs
	Vault    Vault
	Kinds    []channels.Kind
	Logger   *slog.Logger
	Observer Observer // nil: nobody is told
	Tuning   Tuning
	// Keys sign what channels send and know again: the one in use first, then older ones.
	Keys [][]byte
	// MailDomain is the domain for which the program's own listener takes mail; "" when there is none.
	MailDomain string
	// PublicURL is how browsers reach the desk; "": mails to agents have no link.
	PublicURL string
	// Link gives an address for a file; nil when the desk has none on the web.
	Link func(file *deskpb.Attachment, until time.Time) string
	// Files are where files of purged tickets are deleted; nil: they are not.
	Files Files
	// SpamDays is for how many days spam is kept where the desk's own rules do not say; 0: for ever.
	SpamDays uint32
}

// Files deletes what nobody counts on any more: not what was put again since a time.
type Files interface {
	Delete(ctx context.Context, hash string, unless time.Time) error
}

// System is the running engine: commands in, records out, channels alive.
type System struct {
	before     map[desk.ChannelID][]came // what had come when it started
	store      persistence.Store
	index      *persistence.Index
	blobs      channels.Blobs
	vault      Vault
	kinds      map[string]channels.Kind
	log        *slog.Logger
	obs        Observer
	tune       Tuning
	mailDomain string
	publicURL  string
	signing    [][]byte
	answering  answering
	link       func(file *deskpb.Attachment, until time.Time) string
	files      Files
	spamDays   uint32
	root       *actor.RootContext
	asys       *actor.ActorSystem
	entities   map[string]*actor.Props

	dispatcher *dispatcher

	shards [shardCount]*actor.PID

	switchboard *actor.PID
	assignment  *actor.PID
	attendance  *actor.PID
	timers      *actor.PID
	bots        *actor.PID

	feed     *feed
	presence *presence
	places   linePlaces
	status   *statusBoard

	awake atomic.Int64
	// spamEdition counts changes of the rules of spam: see channel.spamRules.
	spamEdition atomic.Uint64
	inLine      atomic.Int64
	stopping    atomic.Bool
	cancel      context.CancelFunc
	ctx         context.Context
	wg          sync.WaitGroup
	sends       sync.WaitGroup // attempts to send under way
}

// Start brings the engine to life on a store: it reads the index, starts the channels that are on, catches up with what
// was left undone when the process ended, and follows the journal from there.
func Start(cfg Config) (*System, error) {
	s := &System{
		store: cfg.Store, index: cfg.Store.Index(), blobs: cfg.Blobs, vault: cfg.Vault, kinds: map[string]channels.Kind{},
		log: cfg.Logger, obs: cfg.Observer, tune: cfg.Tuning.withDefaults(), mailDomain: cfg.MailDomain, publicURL: cfg.PublicURL, link: cfg.Link, signing: cfg.Keys,
		files: cfg.Files, spamDays: cfg.SpamDays,
	}
	if s.obs == nil {
		s.obs = silent{}
	}
	for _, k := range cfg.Kinds {
		if _, twice := s.kinds[k.Name]; twice || k.Name == "" || k.New == nil || k.Identify == nil {
			return nil, fmt.Errorf("channel kind %q: needs a name of its own, New and Identify", k.Name)
		}
		s.kinds[k.Name] = k
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.dispatcher = newDispatcher(s.ctx.Done())
	s.presence, s.status, s.places = newPresence(), newStatusBoard(), newLinePlaces()
	s.feed = newFeed(s.store.Head())
	s.asys = s.newActorSystem()
	s.root = s.asys.Root
	s.feed.send = s.root.Send
	s.entities = s.entityProps()
	shardProps := s.props(func() actor.Actor {
		return &shard{sys: s, live: map[desk.StreamID]*resident{}, byPID: map[string]*resident{}}
	})
	for i := range s.shards {
		s.shards[i] = s.root.Spawn(shardProps)
	}
	if err := s.startActors(); err != nil {
		s.Stop(context.Background())
		return nil, err
	}
	s.wg.Go(s.sweepLoop)
	s.wg.Go(s.purgeLoop)
	s.wg.Go(func() { s.feed.run(s.ctx, s.store, s.log) })
	return s, nil
}

func (s *System) startActors() error {
	a, err := newAssignment(s)
	if err != nil {
		return fmt.Errorf("read the waiting line: %w", err)
	}
	s.assignment = s.root.Spawn(s.props(func() actor.Actor { return a }))
	there, err := newAttendance(s)
	if err != nil {
		return fmt.Errorf("read who was connected: %w", err)
	}
	s.attendance = s.root.Spawn(s.props(func() actor.Actor { return there }))
	if s.before, err = s.readBack(time.Now()); err != nil {
		return fmt.Errorf("read what came lately: %w", err)
	}
	s.bots = s.root.Spawn(s.props(func() actor.Actor { return &bots{sys: s, under: map[desk.ConversationID]bool{}} }))
	s.timers = s.root.Spawn(s.props(func() actor.Actor { return &timers{sys: s} }))
	s.switchboard = s.root.Spawn(s.props(func() actor.Actor { return &switchboard{sys: s, channels: map[desk.ChannelID]*actor.PID{}} }))
	s.feed.follow(s.assignment, a.wants)
	s.feed.follow(s.attendance, wantsAttendance)
	s.feed.follow(s.timers, wantsTimers)
	s.feed.follow(s.bots, wantsBots)
	s.feed.follow(s.switchboard, wantsSwitchboard)
	return nil
}

func (s *System) sweepLoop() {
	tick := time.NewTicker(max(s.tune.SleepAfter/2, 10*time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case now := <-tick.C:
			for _, pid := range s.shards {
				s.root.Send(pid, &sweep{now: now})
			}
		}
	}
}

// Do asks a stream for a change and returns when the answer is durable. The refusals are *desk.Error. When ctx ends first the
// outcome is unknown to the caller; the client's ids make asking again harmless.
func (s *System) Do(ctx context.Context, stream desk.StreamID, cmd desk.Command) (desk.Done, error) {
	if s.stopping.Load() {
		return desk.Done{}, desk.Refuse(desk.Unavailable, "", "the desk is shutting down; try again")
	}
	if s.store.Waiting() > s.tune.MaxQueued {
		return desk.Done{}, desk.Refuse(desk.Unavailable, "", "too much is waiting to be written; try again in a moment")
	}
	type answer struct {
		done desk.Done
		err  error
	}
	reply := make(chan answer, 1)
	s.ask(stream, cmd, func(d desk.Done, err error) { reply <- answer{d, err} })
	select {
	case a := <-reply:
		return a.done, a.err
	case <-ctx.Done():
		return desk.Done{}, fmt.Errorf("wait for %s: %w", stream, ctx.Err())
	}
}

// ask is Do without waiting; done follows the rules of ask.done. It takes no part in back-pressure: its callers hold credits.
func (s *System) ask(stream desk.StreamID, cmd desk.Command, done func(desk.Done, error)) {
	if _, _, ok := stream.Split(); !ok {
		done(desk.Done{}, desk.Refuse(desk.Invalid, "stream", "%q is not <kind>/<id>", stream))
		return
	}
	if cmd.AtMs == 0 {
		cmd.AtMs = time.Now().UnixMilli()
	}
	if stream == spamStream {
		done = s.spamChanging(done)
	}
	s.prepare(stream, cmd)
	s.root.Send(s.shards[shardOf(stream)], &ask{stream: stream, cmd: cmd, done: done})
}

// prepare fills in what a command needs of the channel's kind: the keys an answer to a reply will carry, and the address it leaves from.
func (s *System) prepare(stream desk.StreamID, cmd desk.Command) {
	if stream.Kind() != desk.KindConversation && stream.Kind() != desk.KindSide {
		return
	}
	switch m := cmd.Kind.(type) {
	case *deskpb.Command_OpenConversation:
		s.prepareOpening(m.OpenConversation.GetOpening())
	case *deskpb.Command_StartSide:
		s.prepareOpening(m.StartSide.GetOpening())
		if m.StartSide.GetReply() != nil {
			s.prepareReply(stream, m.StartSide.GetOpening().GetChannel(), m.StartSide.Reply)
		}
	case *deskpb.Command_RequestReply:
		s.prepareReply(stream, "", m.RequestReply)
	case *deskpb.Command_Together:
		channel := "" // of the one that these commands open
		for _, sub := range m.Together.GetCommands() {
			if open := sub.GetOpenConversation(); open != nil {
				channel = open.GetOpening().GetChannel()
				s.prepareOpening(open.GetOpening())
			}
			if reply := sub.GetRequestReply(); reply != nil {
				s.prepareReply(stream, channel, reply)
			}
		}
	}
}

func (s *System) prepareReply(stream desk.StreamID, channel string, m *deskpb.RequestReply) {
	m.ThreadKeys, m.ChannelFrom, m.MailAfterMs, m.ByMail = nil, "", 0, nil
	m.ContactAddress = nil
	conv := desk.ConversationID(stream.ID())
	if at, err := s.channelOf(conv); err != nil {
		return
	} else if at != "" {
		channel = at
	}
	ch, err := s.index.Channel(desk.ChannelID(channel))
	if err != nil || ch == nil {
		return
	}
	if k, known := s.kinds[kindName(ch)]; known && k.ReplyKeys != nil {
		m.ThreadKeys = k.ReplyKeys(channels.Reply{
			Channel: desk.ChannelID(ch.Channel), Address: ch.Address, Conversation: conv, Message: desk.MessageID(m.Message), Keys: s.signing,
		})
	}
	m.ChannelFrom = s.sendsFrom(ch)
	if len(m.To) == 0 && ch.Kind == deskpb.ChannelKind_CHANNEL_KIND_EMAIL {
		m.ContactAddress = s.contactAddress(conv)
	}
	s.prepareLeaving(conv, ch, m)
}

// contactAddress is the mail address of whose ticket it is; nil when none is known.
func (s *System) contactAddress(conv desk.ConversationID) *deskpb.Address {
	row, err := s.index.Ticket(conv)
	if err != nil || row == nil {
		return nil
	}
	contact, err := s.index.Contact(desk.ContactID(row.Contact))
	if err != nil {
		return nil
	}
	for _, i := range contact.GetIdentities() {
		if i.Kind == deskpb.IdentityKind_IDENTITY_KIND_EMAIL {
			return &deskpb.Address{Name: contact.Name, Address: i.Value}
		}
	}
	return nil
}

// prepareOpening notes from which address a conversation is answered.
func (s *System) prepareOpening(o *deskpb.ConversationOpened) {
	if o == nil || o.FromAddress != "" {
		return
	}
	if ch, err := s.index.Channel(desk.ChannelID(o.Channel)); err == nil && ch != nil {
		o.FromAddress = s.sendsFrom(ch)
	}
}

// sendsFrom is the address that replies of a channel leave from now; "" when they have none.
func (s *System) sendsFrom(ch desk.Channel) string {
	if k, known := s.kinds[kindName(ch)]; known && k.SendsFrom != nil {
		return k.SendsFrom(ch.Config)
	}
	return ""
}

// channelOf is the channel by which a conversation, or a side conversation, is answered; "" when it is not there.
func (s *System) channelOf(conv desk.ConversationID) (string, error) {
	if conv.IsSide() {
		row, err := s.index.Side(conv)
		return row.GetChannel(), err
	}
	row, err := s.index.Ticket(conv)
	return row.GetChannel(), err
}

// Watch yields every record after a position: history first, then live, without gap, until ctx ends.
func (s *System) Watch(ctx context.Context, after desk.Position) iter.Seq2[desk.Record, error] {
	return s.store.Tail(ctx, after)
}

// Records yields what is shown of a stream after a version (persistence.Shown), then ends.
func (s *System) Records(ctx context.Context, stream desk.StreamID, after uint64) iter.Seq2[desk.Record, error] {
	return persistence.Shown(ctx, s.store, stream, after)
}

// Head is the journal's epoch and the position of the last durable record.
func (s *System) Head() (epoch string, position desk.Position) {
	return s.store.Epoch(), s.store.Head()
}

// Ready says why the engine cannot take work now; nil when it can.
func (s *System) Ready() error {
	refusing := s.store.Refusing()
	switch {
	case s.stopping.Load():
		return desk.Refuse(desk.Unavailable, "", "shutting down")
	case s.store.Waiting() > s.tune.MaxQueued:
		return desk.Refuse(desk.Unavailable, "", "too much is waiting to be written")
	case refusing != nil:
		return refusal(refusing)
	case s.feed.behind(s.store.Head()) > 100_000:
		return desk.Refuse(desk.Unavailable, "", "catching up")
	}
	return nil
}

// Awake is the number of entities in memory.
func (s *System) Awake() int { return int(s.awake.Load()) }

// InLine is the number of tickets in the waiting line.
func (s *System) InLine() int { return int(s.inLine.Load()) }

// Waiting is the number of entries the writer has not settled.
func (s *System) Waiting() int { return s.store.Waiting() }
