package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim/dovecot"
	"github.com/centralita/centralita/proto/deskpb"
)

const (
	mailbox     = "support@desk.example.org"
	mailboxWord = "mailbox-password"
)

// mail measures a backlog: mails wait on a real Dovecot when the channel is switched on, new threads and answers mixed, and it is
// over when all of them are durable and every ticket has an owner. The limit is a client that fetches the same mails and does
// nothing with them.
func mail(r *run) error {
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
	var limit time.Duration
	if b.limits() {
		if limit, err = fetchAll(b.ctx, b.server.IMAPAddr(), b.Mails); err != nil {
			return err
		}
	}
	_, head := b.engine.Head()
	at, cpu := time.Now(), cpuTime()
	if err := b.turn(true); err != nil {
		return err
	}
	tickets, err := b.await(head, threads)
	if err != nil {
		return err
	}
	took, used := time.Since(at), cpuTime()-cpu
	perSecond := 0.0
	if limit > 0 {
		perSecond = float64(b.Mails) / limit.Seconds()
	}
	b.out.against("backlog_to_assigned_mails_per_second", float64(b.Mails)/took.Seconds(), "1/s", perSecond, 0)
	b.out.alone("cpu_per_1000_mails", used.Seconds()*1000/float64(b.Mails), "s")
	b.out.alone("threads_split_in_two", float64(tickets-threads), "")
	return nil
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
	p := newPost("mail")
	var raws [][]byte
	for ; len(raws) < b.Mails; threads++ {
		first, m := p.open()
		raws = append(raws, rfc5322(first))
		for range min(p.rng.IntN(6), b.Mails-len(raws)) {
			next, _ := p.answer(m)
			raws = append(raws, rfc5322(next))
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

// rfc5322 writes a letter as a mail.
func rfc5322(l desk.Inbound) []byte {
	m := l.Message
	var s strings.Builder
	fmt.Fprintf(&s, "From: %s <%s>\r\nTo: %s <%s>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: %s\r\n",
		m.From.Name, m.From.Address, "Support", mailbox, m.Subject, m.SentAt.Format(time.RFC1123Z), l.ExternalID)
	if m.InReplyTo != l.ExternalID {
		fmt.Fprintf(&s, "In-Reply-To: %s\r\nReferences: %s\r\n", m.InReplyTo, m.InReplyTo)
	}
	s.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n")
	s.WriteString(strings.ReplaceAll(m.Body.Text, "\n", "\r\n"))
	s.WriteString("\r\n")
	return []byte(s.String())
}

// await reads the journal until all mails are in it and every ticket has an owner, and gives the number of tickets.
func (b *backlog) await(after desk.Position, atLeast int) (tickets int, err error) {
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
	defer cancel()
	mails, owned := 0, 0
	for r, err := range b.engine.Watch(ctx, after) {
		if err != nil {
			return tickets, fmt.Errorf("%d of %d mails came, %d of %d tickets have owners: %w", mails, b.Mails, owned, tickets, err)
		}
		switch r.Event.GetKind().(type) {
		case *deskpb.Event_ConversationOpened:
			tickets++
		case *deskpb.Event_MessageReceived:
			mails++
		case *deskpb.Event_ConversationAssigned:
			owned++
		}
		if mails >= b.Mails && owned >= tickets && tickets >= atLeast {
			break
		}
	}
	return tickets, nil
}

// fetchAll reads all mails of the mailbox with one command (RFC 9051 6.4.9) and counts them.
func fetchAll(ctx context.Context, address string, want int) (time.Duration, error) {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, fmt.Errorf("dial: %w", err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute)) // a connection without deadlines is of no use: the read says so
	lines := bufio.NewReaderSize(conn, 256<<10)
	at, mails := time.Now(), 0
	for i, command := range []string{"LOGIN " + mailbox + " " + mailboxWord, "EXAMINE INBOX", "UID FETCH 1:* (UID BODY.PEEK[])"} {
		tag := fmt.Sprintf("a%d ", i)
		if _, err := fmt.Fprintf(conn, "%s%s\r\n", tag, command); err != nil {
			return 0, fmt.Errorf("ask for the mails: %w", err)
		}
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return 0, fmt.Errorf("read the mails: %w", err)
			}
			if strings.HasPrefix(line, "* ") && strings.Contains(line, " FETCH ") {
				mails++
			}
			if strings.HasPrefix(line, tag) {
				break
			}
		}
	}
	if mails < want {
		return 0, fmt.Errorf("the server gave %d mails of %d", mails, want)
	}
	return time.Since(at), nil
}
