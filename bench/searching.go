package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/badger"
	"github.com/centralita/centralita/persistence/search"
	"github.com/centralita/centralita/proto/deskpb"
)

// searching measures how fast a history becomes searchable, what that takes on the disk, and how long questions take. The
// limit is what a desk without an index would do: read all texts, once, from a file in memory.
func searching(r *run) (err error) {
	past, err := r.texts()
	if err != nil {
		return err
	}
	store, err := badger.Open(journalDir(past), badger.Options{ReserveFile: -1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	lib, texts := newLibrary(r.Messages), filepath.Join(past, "texts")
	dir := filepath.Join(r.dir, "search")
	index, err := search.Open(store, search.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	began, own := time.Now(), ownMemory()
	if err := index.CatchUp(r.ctx); err != nil {
		return err
	}
	r.out.alone("indexed_messages_per_second", float64(r.Messages)/time.Since(began).Seconds(), "1/s")
	bytes, err := sizeOf(dir)
	if err != nil {
		return err
	}
	r.out.alone("index_bytes_per_message", float64(bytes)/float64(r.Messages), "B")
	_, peak := resident()
	r.out.alone("resident_while_indexing", peak, "MB")
	r.out.alone("own_memory_while_indexing", own(), "MB")
	scan, err := r.scans(texts, lib)
	if err != nil {
		return err
	}
	for _, kind := range lib.questions() {
		lat, err := r.ask(index, kind)
		if err != nil {
			return err
		}
		r.out.against(kind.name+"_p50", ms(lat.quantile(0.5)), "ms", ms(scan), 0)
		r.out.against(kind.name+"_p95", ms(lat.quantile(0.95)), "ms", ms(scan), 0)
	}
	return nil
}

// question is a kind of thing that people look for.
type question struct {
	name string
	next func() string
}

// ask asks for a while; the first few times are not counted.
func (r *run) ask(index *search.Index, kind question) (latencies, error) {
	var lat latencies
	until := time.Now().Add(r.part(0.12))
	for n := 0; n < 25 || time.Now().Before(until); n++ {
		q, err := desk.ParseSearch(kind.next(), time.Now())
		if err != nil {
			return nil, err
		}
		began := time.Now()
		if _, err := index.Search(r.ctx, q); err != nil {
			return nil, err
		}
		if n >= 5 {
			lat = append(lat, time.Since(began))
		}
	}
	return lat, nil
}

// scans reads all texts for a word, as if there were no index, and gives the median time.
func (r *run) scans(file string, lib *library) (time.Duration, error) {
	if !r.limits() {
		return 0, nil
	}
	var lat latencies
	for range 3 {
		began := time.Now()
		if err := scan(file, []byte(lib.word())); err != nil {
			return 0, err
		}
		lat = append(lat, time.Since(began))
	}
	return lat.quantile(0.5), nil
}

func scan(file string, word []byte) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("open the texts: %w", err)
	}
	defer f.Close()
	lines, found := bufio.NewScanner(f), 0
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if bytes.Contains(lines.Bytes(), word) {
			found++
		}
	}
	return lines.Err()
}

func sizeOf(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}

// texts gives a data directory with so many messages, and their texts in a file, from the cache or made now.
func (r *run) texts() (dir string, err error) {
	dir, err = r.cached(fmt.Sprintf("texts-%d-%d-%d", historyFormat, persistence.ProjectionFormat, r.Messages))
	if err != nil {
		return "", err
	}
	return dir, r.once(dir, fmt.Sprintf("%d messages", r.Messages), func() (err error) {
		store, err := badger.Open(journalDir(dir), badger.Options{ReserveFile: -1})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, store.Close()) }()
		return newLibrary(r.Messages).write(r.ctx, newHistorian(store), filepath.Join(dir, "texts"))
	})
}

// library writes texts as people do: a few words often, most words seldom (Zipf), English and Spanish.
type library struct {
	messages int
	rng      *rand.Rand
	zipf     *rand.Zipf
	words    []string
	names    []string
}

func newLibrary(messages int) *library {
	l := &library{messages: messages, rng: rand.New(rand.NewPCG(7, 7))}
	l.words = strings.Fields("the de que and la to el a of en is your y los por with un for una no it se las this del con we have was not " +
		"order pedido factura invoice please gracias envío shipping delivery entrega refund reembolso account cuenta password contraseña payment " +
		"pago problem problema address dirección tracking número charged cobrado cancel cancelar subscription suscripción")
	syllables := strings.Fields("ba be bo ca ce co da de di do fa fe ga go la le li lo ma me mi mo na ne no pa pe po ra re ri ro sa se si so ta te ti to va ve vi")
	endings := strings.Fields("r s n ción ing ed mente ado iva tion ly os as er")
	for len(l.words) < 60_000 {
		var b strings.Builder
		for range 2 + l.rng.IntN(3) {
			b.WriteString(syllables[l.rng.IntN(len(syllables))])
		}
		b.WriteString(endings[l.rng.IntN(len(endings))])
		l.words = append(l.words, b.String())
	}
	for range 3000 {
		l.names = append(l.names, strings.ToUpper(l.words[1000+l.rng.IntN(5000)][:1])+l.words[1000+l.rng.IntN(5000)])
	}
	l.zipf = rand.NewZipf(l.rng, 1.07, 4, uint64(len(l.words)-1))
	return l
}

func (l *library) word() string { return l.words[l.zipf.Uint64()] }

func (l *library) text(words int) string {
	var b strings.Builder
	for range words {
		b.WriteString(l.word())
		b.WriteByte(' ')
	}
	return b.String()
}

// write writes conversations of one to nine messages of 20 to 140 words, and the texts to a file, a line each.
func (l *library) write(ctx context.Context, h *historian, file string) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("keep the texts: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriterSize(f, 1<<20)
	for i := 0; i < l.messages && ctx.Err() == nil; {
		n := min(1+l.rng.IntN(9), l.messages-i)
		name := l.names[l.rng.IntN(len(l.names))] + " " + l.names[l.rng.IntN(len(l.names))]
		contact := desk.ContactIDFor(1, fmt.Sprintf("c%d@example.com", l.rng.IntN(l.messages/4+1)))
		events := []desk.Event{deskpb.NewEvent(&deskpb.ConversationOpened{
			Channel: "ch_bench", ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Contact: string(contact), ContactName: name, Subject: l.text(5),
			Priority: deskpb.Priority_PRIORITY_NORMAL,
		})}
		for range n {
			text := l.text(20 + l.rng.IntN(120))
			fmt.Fprintln(out, text)
			events = append(events, deskpb.NewEvent(&deskpb.MessageReceived{
				Message: fmt.Sprintf("ms_%d", i), Channel: "ch_bench", ExternalId: fmt.Sprint(i), Contact: string(contact),
				From: &deskpb.Address{Name: name}, Body: &deskpb.Body{Text: text},
			}))
			i++
		}
		if l.rng.IntN(20) > 0 {
			events = append(events, deskpb.NewEvent(&deskpb.TicketStatusChanged{From: deskpb.TicketStatus_TICKET_STATUS_NEW, To: deskpb.TicketStatus_TICKET_STATUS_CLOSED}))
		}
		h.append(desk.ConversationID(fmt.Sprintf("cv_%d", i)).Stream(), events)
	}
	return errors.Join(out.Flush(), h.wait(), ctx.Err())
}

// questions are what is asked: words as often as they are written, which is worse than what people ask.
func (l *library) questions() []question {
	words := func(n int) string { return strings.TrimSpace(l.text(n)) + " " }
	return []question{
		{"one_word", func() string { return words(1) }},
		{"three_words", func() string { return words(3) }},
		{"as_typed", func() string { w := l.word(); return w[:min(len(w), 3)] }},
		{"filtered", func() string { return words(1) + "is:open after:4w -is:closed" }},
		{"phrase", func() string { return `"` + strings.TrimSpace(l.text(2)) + `"` }},
	}
}
