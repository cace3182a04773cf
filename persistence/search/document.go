package search

import (
	"encoding/binary"
	"strconv"
	"time"

	bleve "github.com/blevesearch/bleve_index_api"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// The fields of a document, which is one conversation. No text is kept in the index: snippets are read from the journal.
const (
	fieldText    = "t" // every word of everything, in all its forms
	fieldHead    = "h" // those of subject, contact and number
	fieldName    = "n" // the contact's name and addresses, plain: for what is being typed, and misspelt
	fieldFile    = "f" // names of attachments
	fieldFrom    = "w" // who wrote: names and addresses, plain
	fieldMark    = "k" // what is filtered by: see marks
	fieldUpdated = "u" // when it was updated, for the order
)

// Format is the number of what is written here. An index of another one is built anew.
const Format = 2

// Bounds of what is looked at.
const (
	maxMessageText      = 200 << 10
	maxConversationText = 2 << 20
)

// document is a conversation as the index takes it. It implements the index's Document.
type document struct {
	id     string
	fields []*field
}

// field is a set of terms. It implements the index's Field.
type field struct {
	name    string
	options bleve.FieldIndexingOptions
	terms   bleve.TokenFrequencies
	value   []byte
}

func (d *document) ID() string { return d.id }
func (d *document) Size() int  { return 64 }
func (d *document) VisitFields(f bleve.FieldVisitor) {
	for _, x := range d.fields {
		f(x)
	}
}
func (d *document) VisitComposite(bleve.CompositeFieldVisitor) {}
func (d *document) HasComposite() bool                         { return false }
func (d *document) NumPlainTextBytes() uint64                  { return 0 }
func (d *document) StoredFieldsBytes() uint64                  { return 0 }
func (d *document) Indexed() bool                              { return false } // it means: already
func (d *document) AddIDField() {
	f := newField("_id", bleve.IndexField|bleve.StoreField)
	f.value = []byte(d.id)
	f.add(d.id)
	d.fields = append(d.fields, f)
}

func newField(name string, options bleve.FieldIndexingOptions) *field {
	return &field{name: name, options: options, terms: bleve.TokenFrequencies{}}
}

func (f *field) add(term string) {
	if term != "" && f.terms[term] == nil {
		f.terms[term] = once(term)
	}
}

// addForms adds the forms of a word. They are shared by all documents: the index only reads them.
func (f *field) addForms(forms []form) {
	for _, x := range forms {
		if f.terms[x.text] == nil {
			f.terms[x.text] = x.once
		}
	}
}

// once is a term of which only its being there counts.
func once(term string) *bleve.TokenFreq {
	freq := &bleve.TokenFreq{Term: []byte(term)}
	freq.SetFrequency(1)
	return freq
}

func (f *field) Name() string                                     { return f.name }
func (f *field) Value() []byte                                    { return f.value }
func (f *field) ArrayPositions() []uint64                         { return nil }
func (f *field) EncodedFieldType() byte                           { return 't' }
func (f *field) Analyze()                                         {} // it is made of terms
func (f *field) Options() bleve.FieldIndexingOptions              { return f.options }
func (f *field) AnalyzedLength() int                              { return len(f.terms) }
func (f *field) AnalyzedTokenFrequencies() bleve.TokenFrequencies { return f.terms }
func (f *field) NumPlainTextBytes() uint64                        { return 0 }

// writer makes documents.
type writer struct {
	stems *stemmer

	text, head, name, file, from, mark *field
	words                              map[*form]bool // words that are in text already
	left                               int            // of the text that one conversation may have
}

// write makes the document of a conversation out of its row, its contact and its records.
func (w *writer) write(t desk.Ticket, c desk.Contact, records []desk.Record, sides []aside) *document {
	const set = bleve.IndexField | bleve.SkipFreqNorm
	w.text, w.head, w.name, w.file = newField(fieldText, set), newField(fieldHead, set), newField(fieldName, set), newField(fieldFile, set)
	w.from, w.mark = newField(fieldFrom, set), newField(fieldMark, set)
	w.left, w.words = maxConversationText, map[*form]bool{}
	w.plain(w.name, t.ContactName)
	w.headline(t.Subject)
	w.headline(t.ContactName)
	w.headline(c.GetName())
	w.plain(w.name, c.GetName())
	for _, i := range c.GetIdentities() {
		if i.Kind != deskpb.IdentityKind_IDENTITY_KIND_VISITOR { // nobody knows it
			w.headline(i.Value)
			w.plain(w.name, i.Value)
		}
	}
	number := strconv.FormatUint(t.Number, 10)
	w.headline(number)
	for i := len(records) - 1; i >= 0; i-- { // of a conversation without end, what was said last is kept
		w.record(records[i])
	}
	for _, a := range sides {
		w.aside(a)
	}
	for _, m := range marks(t) {
		w.mark.add(m)
	}
	updated := newField(fieldUpdated, bleve.IndexField|bleve.SkipFreqNorm|bleve.DocValues)
	updated.add(string(binary.BigEndian.AppendUint64(nil, uint64(t.UpdatedAtMs))))
	return &document{t.Conversation, []*field{w.text, w.head, w.name, w.file, w.from, w.mark, updated}}
}

// record adds what a record says.
func (w *writer) record(r desk.Record) {
	switch e := r.Event.GetKind().(type) {
	case *deskpb.Event_MessageReceived:
		m := e.MessageReceived
		w.say(m.Subject)
		w.body(m.Body)
		w.wrote("contact", m.From.GetName(), m.From.GetAddress())
		w.plain(w.text, m.From.GetName())
		w.plain(w.text, m.From.GetAddress())
		w.said(r.AtMs)
	case *deskpb.Event_ReplyRequested:
		m := e.ReplyRequested
		if m.Automatic != "" {
			return // the same words in every ticket find nothing
		}
		w.body(m.Body)
		w.wrote("agent", m.AgentName, m.Agent)
		w.mark.add("has:reply")
		w.said(r.AtMs)
	case *deskpb.Event_ReplyImported:
		m := e.ReplyImported.GetMail()
		w.say(m.GetSubject())
		w.body(m.GetBody())
		w.wrote("agent", importedBy(e.ReplyImported), e.ReplyImported.Agent)
		w.plain(w.text, m.GetFrom().GetAddress())
		w.mark.add("has:reply")
		w.said(r.AtMs)
	case *deskpb.Event_NoteAdded:
		m := e.NoteAdded
		w.body(m.Body)
		w.wrote("agent", m.AgentName, m.Agent)
		w.mark.add("has:note")
		w.said(r.AtMs)
	}
}

// importedBy names who wrote a mail that was taken in from the past.
func importedBy(e *deskpb.ReplyImported) string {
	if e.AgentName != "" {
		return e.AgentName
	}
	return e.GetMail().GetFrom().GetName()
}

func (w *writer) body(b *deskpb.Body) {
	w.say(textOf(b))
	for _, a := range b.GetAttachments() {
		w.say(a.Name)
		eachWord(a.Name, func(x word) {
			w.file.addForms(w.stems.forms(x.text))
		})
		if !a.Inline {
			w.mark.add("has:attachment")
		}
	}
}

// textOf is what is looked at of a body.
func textOf(b *deskpb.Body) string {
	s := b.GetText()
	if len(s) > maxMessageText {
		s = s[:maxMessageText]
	}
	return s
}

// say adds the words of a text in all their forms.
func (w *writer) say(text string) {
	if w.left -= len(text); w.left < 0 {
		return
	}
	eachWord(text, func(x word) { w.word(x) })
}

// word adds a word to what was said, and gives its forms.
func (w *writer) word(x word) []form {
	forms := w.stems.forms(x.text)
	if first := &forms[0]; !w.words[first] { // most words of a text come again
		w.words[first] = true
		w.text.addForms(forms)
	}
	return forms
}

// headline adds a text that stands above the conversation.
func (w *writer) headline(text string) {
	eachWord(text, func(x word) {
		w.head.addForms(w.word(x))
	})
}

func (w *writer) plain(f *field, text string) {
	eachWord(text, func(x word) { f.add(fold(x.text)) })
}

func (w *writer) wrote(kind, name, id string) {
	w.from.add("\x00" + kind)
	w.plain(w.from, name)
	w.plain(w.from, id)
	w.from.add("\x00" + id)
}

// said marks the day on which something was said, by year and month too: a span of time is a few of them.
func (w *writer) said(atMs int64) {
	day := time.UnixMilli(atMs).UTC().Format(time.DateOnly)
	w.mark.add("d:" + day)
	w.mark.add("d:" + day[:7])
	w.mark.add("d:" + day[:4])
}

// marks are what tickets are filtered by, and by which those that a viewer may not see are left out.
func marks(t desk.Ticket) []string {
	all := []string{
		"status:" + status(t), "channel:" + t.Channel, "kind:" + strconv.Itoa(int(t.ChannelKind)), "owner:" + t.Owner, "contact:" + t.Contact,
		"priority:" + strconv.Itoa(int(t.Priority)), "team:" + t.Team,
	}
	if t.Status != deskpb.TicketStatus_TICKET_STATUS_CLOSED {
		all = append(all, "status:open")
	}
	for _, tag := range t.Tags {
		all = append(all, "tag:"+tag)
	}
	for word, is := range map[string]bool{"snoozed": t.SnoozedUntilMs > 0, "spam": t.Spam, "merged": t.MergedInto != ""} {
		if is {
			all = append(all, "is:"+word)
		}
	}
	for _, a := range append(append([]string{t.Owner}, t.Followers...), t.Mentioned...) {
		all = append(all, "sees:"+a)
	}
	if t.Owner == "" && t.Team == "" {
		for _, team := range desk.TeamsOf(t) {
			all = append(all, "offered:"+team)
		}
	}
	return all
}

func status(t desk.Ticket) string {
	switch t.Status {
	case deskpb.TicketStatus_TICKET_STATUS_NEW:
		return "new"
	case deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US:
		return "waiting_on_us"
	case deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT:
		return "waiting_on_contact"
	case deskpb.TicketStatus_TICKET_STATUS_CLOSED:
		return "closed"
	case deskpb.TicketStatus_TICKET_STATUS_UNSPECIFIED:
	}
	return ""
}
