package bench

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// post writes letters as customers do: one in five opens a matter of its own, half of those come from somebody new, and the
// others answer one of the matters that are open. Bodies are 300 to 1,500 bytes, 900 on average.
type post struct {
	mu       sync.Mutex
	rng      *rand.Rand
	name     string // keeps the ids of several posts apart
	sent     int
	matters  []matter // that are known to the desk, the latest ones
	next     int
	contacts int
	bodies   []string
	newOnes  float64
}

// matter is a conversation as its customer sees it.
type matter struct {
	root    string // thread key of its first letter
	contact int
}

const mattersKept = 4096

func newPost(name string) *post {
	p := &post{rng: rand.New(rand.NewPCG(1, 2)), name: name, newOnes: 0.2, bodies: make([]string, 64)}
	words := strings.Fields("the order has not come yet and I would like to know when it will be here since we moved last " +
		"week please send it to our new address thank you very much invoice number wrong again tracking says delivered but " +
		"nobody was at home could you call me back tomorrow morning kind regards")
	for i := range p.bodies {
		var b strings.Builder
		for size := 300 + p.rng.IntN(1200); b.Len() < size; {
			b.WriteString(words[p.rng.IntN(len(words))])
			b.WriteByte(" \n"[min(p.rng.IntN(12)/11, 1)])
		}
		p.bodies[i] = b.String()
	}
	return p
}

// write makes the next letter and says which matter it belongs to.
func (p *post) write() (desk.Inbound, matter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.matters) == 0 || p.rng.Float64() < p.newOnes {
		if p.contacts == 0 || p.rng.IntN(2) == 0 {
			p.contacts++
			return p.letter(matter{contact: p.contacts})
		}
		return p.letter(matter{contact: 1 + p.rng.IntN(p.contacts)})
	}
	return p.letter(p.matters[p.rng.IntN(len(p.matters))])
}

// open makes a letter that opens a matter of somebody new.
func (p *post) open() (desk.Inbound, matter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.contacts++
	return p.letter(matter{contact: p.contacts})
}

// answer makes a letter in a matter.
func (p *post) answer(m matter) (desk.Inbound, matter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.letter(m)
}

func (p *post) letter(m matter) (desk.Inbound, matter) {
	p.sent++
	id := "<" + p.name + "." + strconv.Itoa(p.sent) + "." + strconv.FormatUint(uint64(uint32(p.sent)*2654435761), 16) + "@mail.example.com>"
	keys, subject := []string{id}, "My order has not come"
	if m.root == "" {
		m.root = id
	} else {
		keys, subject = []string{m.root, id}, "Re: My order has not come"
	}
	who := "customer" + strconv.Itoa(m.contact)
	address := who + "@" + who + "-" + p.name + ".example" // each from a house of their own: nobody is many people
	return desk.Inbound{ExternalID: id, Message: &desk.InboundMessage{
		Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: address}, Name: who, Subject: subject,
		From: &deskpb.Address{Name: who, Address: address}, To: []*deskpb.Address{{Name: "Support", Address: doorAddress}},
		Body: &deskpb.Body{Text: p.bodies[p.rng.IntN(len(p.bodies))]}, ThreadKeys: keys, InReplyTo: keys[0], SentAt: time.Now(),
	}}, m
}

// taken notes that the desk has a matter now: it may be answered.
func (p *post) taken(m matter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.matters) < mattersKept {
		p.matters = append(p.matters, m)
		return
	}
	p.matters[p.next%mattersKept] = m
	p.next++
}
