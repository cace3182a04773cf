package bench

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim/dovecot"
	"github.com/centralita/centralita/proto/deskpb"
)

const (
	mailbox     = "support@desk.example.org"
	mailboxWord = "mailbox-password"
)

// mailsToScreen is how many mails are delivered one by one while an agent looks.
const mailsToScreen = 40

// email measures a mailbox on a real Dovecot. First a backlog: mails wait when the channel is switched on, new threads and answers
// mixed, every tenth with a file of 100 kB, and it is over when all are durable and every ticket has an owner. Next to it, in the
// same run, are a client that fetches the same mails and throws them away, and one that also reads them as we do. Then
// single mails, from the server's 250 to the frame on the socket of an agent who looks at the list.
func email(r *run) error {
	server, err := dovecot.Start(map[string]string{mailbox: mailboxWord})
	if err != nil {
		return err
	}
	return errors.Join(r.backlog(server), server.Stop())
}

func (r *run) backlog(server *dovecot.Server) error {
	o, err := r.openOffice(r.dir+"/engine", nil, nil)
	if err != nil {
		return err
	}
	b := &backlog{run: r, office: o, server: server}
	err = b.measure()
	return errors.Join(err, o.close())
}

type backlog struct {
	*run
	*office
	server *dovecot.Server
	id     desk.ChannelID
}

func (b *backlog) measure() error {
	if err := b.team(b.ctx, 5); err != nil {
		return err
	}
	if err := b.connectMailbox(); err != nil {
		return err
	}
	if err := b.turn(false); err != nil {
		return err
	}
	threads, err := b.fill()
	if err != nil {
		return err
	}
	var bare, parsed effort
	if b.limits() {
		if bare, err = b.fetchAll(false); err != nil {
			return err
		}
		if parsed, err = b.fetchAll(true); err != nil {
			return err
		}
	}
	debug.FreeOSMemory()
	most := ownMemory()
	_, head := b.engine.Head()
	at, cpu := time.Now(), cpuTime()
	if err := b.turn(true); err != nil {
		return err
	}
	durable, tickets, err := b.await(head, threads)
	if err != nil {
		return err
	}
	took, used := time.Since(at), cpuTime()-cpu
	b.out.against("backlog_to_durable_mails_per_second_vs_bare_fetch", b.perSecond(durable.Sub(at)), "1/s", b.perSecond(bare.took), 0)
	b.out.against("backlog_to_durable_mails_per_second_vs_fetch_and_parse", b.perSecond(durable.Sub(at)), "1/s", b.perSecond(parsed.took), 0)
	b.out.alone("backlog_to_assigned_mails_per_second", b.perSecond(took), "1/s")
	b.out.against("cpu_per_1000_mails_vs_bare_fetch", b.per1000(used), "s", b.per1000(bare.cpu), 0)
	b.out.against("cpu_per_1000_mails_vs_fetch_and_parse", b.per1000(used), "s", b.per1000(parsed.cpu), 0)
	b.out.alone("own_memory_while_taking_in", most(), "MB")
	b.out.alone("threads_split_in_two", float64(tickets-threads), "")
	if !b.limits() {
		return nil
	}
	return b.toScreen()
}

// perSecond and per1000 are 0 for what was not measured.
func (b *backlog) perSecond(d time.Duration) float64 {
	if d == 0 {
		return 0
	}
	return float64(b.Mails) / d.Seconds()
}

func (b *backlog) per1000(d time.Duration) float64 { return d.Seconds() * 1000 / float64(b.Mails) }

// effort is what something took.
type effort struct{ took, cpu time.Duration }

// fetchAll is a bare client of the IMAP library: it fetches all mails with one command and throws them away, or reads them, as many
// at once as there are cores.
func (b *backlog) fetchAll(parse bool) (effort, error) {
	at, cpu := time.Now(), cpuTime()
	mails := make(chan []byte, 64)
	var readers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		readers.Go(func() {
			for raw := range mails {
				_, _ = centralita.InspectMail("", bytes.NewReader(raw), int64(len(raw)), nil) // ours are all good
			}
		})
	}
	n := 0
	err := b.server.EachMail(mailbox, mailboxWord, func(size int64, mail io.Reader) error {
		n++
		if !parse {
			_, err := io.Copy(io.Discard, mail)
			return err
		}
		raw := make([]byte, size)
		_, err := io.ReadFull(mail, raw)
		mails <- raw
		return err
	})
	close(mails)
	readers.Wait()
	if err == nil && n < b.Mails {
		err = fmt.Errorf("the server gave %d mails of %d", n, b.Mails)
	}
	return effort{time.Since(at), cpuTime() - cpu}, err
}

// toScreen delivers mails one by one, each when the one before was seen.
func (b *backlog) toScreen() error {
	f := &fan{run: b.run, office: b.office}
	tokens, err := f.signIn([]desk.AgentID{agentID(0)})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: b.engine.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }() // the socket is still open
	conn, err := dialScreen(b.ctx, listener.Addr().String(), tokens[0])
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // all was seen
	if err := b.until("idling", func(s desk.ChannelStatus) bool { return s.Phase == "idling" && s.Lag == 0 }); err != nil {
		return err
	}
	var lat latencies
	for i := range mailsToScreen {
		subject := fmt.Sprintf("To the screen %d", i)
		raw := fmt.Sprintf("From: c@screen-%d.example\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <s%d@screen.example.net>\r\nDate: %s\r\n\r\nHello.\r\n",
			i, mailbox, subject, i, time.Now().Format(time.RFC1123Z))
		if err := b.server.Deliver(mailbox, []byte(raw)); err != nil {
			return err
		}
		taken := time.Now()
		if err := seeTicket(conn, subject); err != nil {
			return err
		}
		lat = append(lat, time.Since(taken))
		pause(b.ctx, 50*time.Millisecond) // back in IDLE
	}
	b.out.alone("delivered_to_screen_p50", ms(lat.quantile(0.5)), "ms")
	b.out.alone("delivered_to_screen_p95", ms(lat.quantile(0.95)), "ms")
	return nil
}

// seeTicket reads a screen's socket until the row of a ticket with this subject comes.
func seeTicket(conn net.Conn, subject string) error {
	if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return fmt.Errorf("watch a screen: %w", err)
	}
	var data []byte
	for buf := make([]byte, 64<<10); ; {
		n, err := conn.Read(buf)
		if err != nil {
			return fmt.Errorf("wait for %q on a screen: %w", subject, err)
		}
		for data = append(data, buf[:n]...); ; {
			op, payload, rest, whole := serverFrame(data)
			if !whole {
				break
			}
			data = rest
			var f deskpb.ServerFrame
			switch {
			case op == opPing:
				_, _ = conn.Write(masked(opPong, payload)) // a dead socket shows when it is read
			case op == opText && protojson.Unmarshal(payload, &f) == nil && f.GetTicket().GetTicket().GetSubject() == subject:
				return nil
			}
		}
	}
}

// connectMailbox makes the channel while its mailbox is empty: it takes what comes from then on.
func (b *backlog) connectMailbox() error {
	host, port, err := net.SplitHostPort(b.server.IMAPAddr())
	if err != nil {
		return err
	}
	server := map[string]any{"host": host, "port": json.Number(port), "security": "plain"}
	config, err := json.Marshal(map[string]any{"address": mailbox, "imap": server, "smtp": server})
	if err != nil {
		return err
	}
	secrets, err := json.Marshal(map[string]string{"imap_password": mailboxWord})
	if err != nil {
		return err
	}
	b.id, err = b.engine.ConnectChannel(b.ctx, desk.NewChannel{
		Kind: "email", Name: "Mail", Config: config, Secrets: secrets,
		Routing: &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Teams: []string{benchTeam}},
	}, operator)
	if err != nil {
		return fmt.Errorf("connect the mailbox: %w", err)
	}
	return b.until("idling", func(s desk.ChannelStatus) bool { return s.Phase == "idling" })
}

func (b *backlog) turn(on bool) error {
	cmd := deskpb.NewCommand(&deskpb.SwitchChannel{On: on})
	cmd.By = operator
	if _, err := b.engine.Do(b.ctx, b.id.Stream(), cmd); err != nil || on {
		return err
	}
	return b.until("off", func(s desk.ChannelStatus) bool { return s.State == deskpb.HealthState_HEALTH_STATE_OFF })
}

// until polls the channel's live health.
func (b *backlog) until(what string, is func(desk.ChannelStatus) bool) error {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline) && b.ctx.Err() == nil; pause(b.ctx, 5*time.Millisecond) {
		for _, s := range b.engine.ChannelStatus() {
			if s.Channel == b.id && is(s) {
				return nil
			}
		}
	}
	return errors.Join(fmt.Errorf("the mailbox is not %s after 30 s: %+v", what, b.engine.ChannelStatus()), b.ctx.Err())
}

// fill delivers threads of one to six mails, side by side, answers sometimes before what they answer. It gives the number of threads.
func (b *backlog) fill() (threads int, err error) {
	p := newPost("email")
	var raws [][]byte
	for ; len(raws) < b.Mails; threads++ {
		first, m := p.open()
		raws = append(raws, p.rfc5322(first, len(raws)))
		for range min(p.rng.IntN(6), b.Mails-len(raws)) {
			next, _ := p.answer(m)
			raws = append(raws, p.rfc5322(next, len(raws)))
		}
	}
	for i := range raws {
		if j := i + p.rng.IntN(4); j < len(raws) {
			raws[i], raws[j] = raws[j], raws[i]
		}
	}
	const hands = 4
	faults := make([]error, hands)
	var wg sync.WaitGroup
	for h := range hands {
		wg.Go(func() {
			var mine [][]byte
			for i := h; i < len(raws); i += hands {
				mine = append(mine, raws[i])
			}
			faults[h] = b.server.Deliver(mailbox, mine...)
		})
	}
	wg.Wait()
	return threads, errors.Join(faults...)
}

// fileBytes is how large the file of every tenth mail is.
const fileBytes = 100 << 10

// rfc5322 writes a letter as the mail of this number.
func (p *post) rfc5322(l desk.Inbound, number int) []byte {
	m := l.Message
	var s strings.Builder
	fmt.Fprintf(&s, "From: %s <%s>\r\nTo: %s <%s>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: %s\r\n",
		m.From.Name, m.From.Address, "Support", mailbox, m.Subject, m.SentAt.Format(time.RFC1123Z), l.ExternalID)
	if m.InReplyTo != l.ExternalID {
		fmt.Fprintf(&s, "In-Reply-To: %s\r\nReferences: %s\r\n", m.InReplyTo, m.InReplyTo)
	}
	text := "Content-Type: text/plain; charset=utf-8\r\n\r\n" + strings.ReplaceAll(m.Body.Text, "\n", "\r\n") + "\r\n"
	s.WriteString("MIME-Version: 1.0\r\n")
	if number%10 != 9 {
		return []byte(s.String() + text)
	}
	s.WriteString("Content-Type: multipart/mixed; boundary=\"=_part\"\r\n\r\n--=_part\r\n" + text +
		"--=_part\r\nContent-Type: application/pdf; name=\"invoice.pdf\"\r\nContent-Disposition: attachment; filename=\"invoice.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	line := make([]byte, 57)
	for range fileBytes / len(line) {
		for i := 0; i < len(line); i += 8 {
			var word [8]byte
			binary.LittleEndian.PutUint64(word[:], p.rng.Uint64())
			copy(line[i:], word[:])
		}
		s.WriteString(base64.StdEncoding.EncodeToString(line) + "\r\n")
	}
	s.WriteString("--=_part--\r\n")
	return []byte(s.String())
}

// await reads the journal until all mails are in it and every ticket has an owner, and says when the last mail was durable.
func (b *backlog) await(after desk.Position, atLeast int) (durable time.Time, tickets int, err error) {
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
	defer cancel()
	mails, owned := 0, 0
	for r, err := range b.engine.Watch(ctx, after) {
		if err != nil {
			return durable, tickets, fmt.Errorf("%d of %d mails came, %d of %d tickets have owners: %w", mails, b.Mails, owned, tickets, err)
		}
		switch r.Event.GetKind().(type) {
		case *deskpb.Event_ConversationOpened:
			tickets++
		case *deskpb.Event_MessageReceived:
			if mails++; mails == b.Mails {
				durable = time.Now()
			}
		case *deskpb.Event_ConversationAssigned:
			owned++
		}
		if mails >= b.Mails && owned >= tickets && tickets >= atLeast {
			break
		}
	}
	return durable, tickets, nil
}
