package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/centralita/centralita/proto/deskpb"
)

// screenOrder is what the helper with the screens is asked: to open sockets (agents' ones with these session tokens, or plain ones),
// to begin to listen anew, or to say when these changes were seen.
type screenOrder struct {
	Address string
	Tokens  []string
	Plain   int
	Listen  bool
	Changes []durable
	Sockets int // how many must have seen them

	Chat     string // of visitors: the path of their channel
	Visitors int    // opens so many
	Echoes   int    // opens so many plain WebSockets, whose other end repeats what it is sent
	Talk     *talk
}

// screenReport is its answer.
type screenReport struct {
	Fault         string
	PercentilesNs []int64 // 0 to 100, over all changes and sockets
	Missing       int     // frames that never came
	FrameBytes    int     // on average
	Said          []durable
	TookNs        int64
}

// screens holds the sockets of all agents. One goroutine reads all of them: what the load generator takes of the machine is taken
// from the engine.
type screens struct {
	poll int // epoll(7)

	mu    sync.Mutex // guards the fields below, between the reader and the orders
	all   map[int]*screen
	seen  []arrived
	kinds []shown
	known map[uint64]int // hash of a frame → index in kinds
	seed  maphash.Seed

	visitors []visitor // orders alone look at them
	echoes   []net.Conn
	talked   int
}

// screen is one socket.
type screen struct {
	file *os.File
	mute bool   // what comes here is of no interest
	rest []byte // of a frame that has not come completely
}

// arrived: a frame came on one of the sockets.
type arrived struct {
	kind int
	atNs int64
}

// shown is what a frame says.
type shown struct {
	conversation string
	version      uint64
	bytes        int
}

// watchScreens is the helper's side of fanout.
func (r *run) watchScreens(orders *bufio.Reader, say func(any) error) error {
	poll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return fmt.Errorf("make an epoll: %w", err)
	}
	s := &screens{poll: poll, all: map[int]*screen{}, known: map[uint64]int{}, seed: maphash.MakeSeed()}
	go s.read(r.ctx)
	for {
		var o screenOrder
		if err := hear(orders, &o); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("read an order: %w", err)
		}
		var answer screenReport
		switch {
		case o.Listen:
			s.forget()
		case o.Talk != nil:
			if answer, err = s.talk(r.ctx, *o.Talk); err != nil {
				answer.Fault = err.Error()
			}
		case o.Address == "":
			answer = s.report(o.Changes, o.Sockets)
		default:
			if err := s.open(r.ctx, o); err != nil {
				answer.Fault = err.Error()
			}
		}
		if err := say(answer); err != nil {
			return err
		}
	}
}

// open connects the sockets, some at a time.
func (s *screens) open(ctx context.Context, o screenOrder) error {
	dials := make([]func() (net.Conn, error), 0, len(o.Tokens)+o.Plain+o.Visitors+o.Echoes)
	for _, token := range o.Tokens {
		dials = append(dials, func() (net.Conn, error) { return dialScreen(ctx, o.Address, token) })
	}
	for range o.Plain {
		dials = append(dials, func() (net.Conn, error) { return net.Dial("tcp", o.Address) })
	}
	first := len(s.visitors)
	s.visitors = append(s.visitors, make([]visitor, o.Visitors)...)
	for i := range o.Visitors {
		dials = append(dials, func() (net.Conn, error) { return s.visitors[first+i].arrive(ctx, o.Address, o.Chat) })
	}
	for range o.Echoes {
		dials = append(dials, func() (net.Conn, error) { return dialEcho(ctx, o.Address) })
	}
	slots := make(chan struct{}, 32)
	faults := make([]error, len(dials))
	var wg sync.WaitGroup
	for i, dial := range dials {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			conn, err := dial()
			if err == nil {
				err = s.add(conn, o.Visitors > 0, o.Echoes > 0)
			}
			faults[i] = err
		})
	}
	wg.Wait()
	return errors.Join(faults...)
}

// add takes the descriptor out of the runtime's hands and into the epoll. One that is written to, too, keeps its connection.
func (s *screens) add(conn net.Conn, mute, written bool) error {
	file, err := conn.(*net.TCPConn).File()
	if err != nil {
		return fmt.Errorf("take a socket: %w", err)
	}
	fd := int(file.Fd()) // another descriptor of the same socket
	s.mu.Lock()
	s.all[fd] = &screen{file: file, mute: mute}
	if written {
		s.echoes = append(s.echoes, conn)
	}
	s.mu.Unlock()
	if !written {
		if err := conn.Close(); err != nil {
			return err
		}
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		return fmt.Errorf("prepare a socket: %w", err)
	}
	err = syscall.EpollCtl(s.poll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)})
	if err != nil {
		return fmt.Errorf("watch a socket: %w", err)
	}
	return nil
}

// dialScreen signs in with a session, says hello and subscribes to the list of tickets.
func dialScreen(ctx context.Context, address, token string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	if err := upgrade(conn, address, "/api/v1/socket", "Sec-WebSocket-Protocol: centralita.v1.json\r\nCookie: centralita_session="+token+"\r\n"); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	for _, f := range []*deskpb.ClientFrame{
		{Id: "1", Kind: &deskpb.ClientFrame_Hello{Hello: &deskpb.Hello{}}},
		{Id: "2", Kind: &deskpb.ClientFrame_Subscribe{Subscribe: &deskpb.Subscribe{Tickets: true}}},
	} {
		raw, err := protojson.Marshal(f)
		if err == nil {
			_, err = conn.Write(masked(opText, raw))
		}
		if err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

// upgrade makes a WebSocket of a connection (RFC 6455 4.1). The answer's head is read to its end and not a byte further: what
// follows are frames.
func upgrade(conn net.Conn, address, path, more string) error {
	_, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n", path, address, more)
	if err != nil {
		return fmt.Errorf("ask for a socket: %w", err)
	}
	var head []byte
	for one := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); head = append(head, one[0]) {
		if _, err := io.ReadFull(conn, one); err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), nil)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("no socket was given: %s", resp.Status)
	}
	return nil
}

// Opcodes (RFC 6455 5.2).
const opText, opPing, opPong = 1, 9, 10

// masked frames a short text as a client must: with a mask (RFC 6455 5.3), here of zeros.
func masked(op byte, payload []byte) []byte {
	b := []byte{0x80 | op, 0x80 | byte(len(payload)), 0, 0, 0, 0}
	if len(payload) > 125 {
		b = append(binary.BigEndian.AppendUint16([]byte{0x80 | op, 0x80 | 126}, uint16(len(payload))), 0, 0, 0, 0)
	}
	return append(b, payload...)
}

// read takes what comes on any socket until ctx ends.
func (s *screens) read(ctx context.Context) {
	events, buf := make([]syscall.EpollEvent, 512), make([]byte, 256<<10)
	for ctx.Err() == nil {
		n, err := syscall.EpollWait(s.poll, events, 100)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return
		}
		for _, e := range events[:max(n, 0)] {
			s.ready(int(e.Fd), buf)
		}
	}
}

func (s *screens) ready(fd int, buf []byte) {
	n, err := syscall.Read(fd, buf)
	now := time.Now().UnixNano()
	s.mu.Lock()
	defer s.mu.Unlock()
	sc := s.all[fd]
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
		return
	}
	if err != nil || n == 0 { // closed: what it should have seen will be missing
		_ = syscall.EpollCtl(s.poll, syscall.EPOLL_CTL_DEL, fd, nil)
		return
	}
	data := buf[:n]
	if len(sc.rest) > 0 {
		data = append(sc.rest, data...)
	}
	for {
		op, payload, rest, ok := serverFrame(data)
		if !ok {
			break
		}
		switch data = rest; op {
		case opText:
			if sc.mute {
				continue
			}
			s.seen = append(s.seen, arrived{kind: s.kindOf(payload), atNs: now})
		case opPing:
			_, _ = syscall.Write(fd, masked(opPong, payload))
		}
	}
	sc.rest = append(sc.rest[:0:0], data...)
}

// serverFrame cuts off one frame as a server sends it: not masked, whole, below 64 kB.
func serverFrame(b []byte) (op byte, payload, rest []byte, ok bool) {
	if len(b) < 2 {
		return 0, nil, b, false
	}
	head, n := 2, int(b[1])
	if n == 126 {
		if len(b) < 4 {
			return 0, nil, b, false
		}
		head, n = 4, int(binary.BigEndian.Uint16(b[2:]))
	}
	if n == 127 || len(b) < head+n {
		return 0, nil, b, false
	}
	return b[0] & 0xf, b[head : head+n], b[head+n:], true
}

// kindOf reads a frame, the first time it comes: all sockets get the same ones.
func (s *screens) kindOf(payload []byte) int {
	h := maphash.Bytes(s.seed, payload)
	if k, known := s.known[h]; known {
		return k
	}
	k := shown{bytes: len(payload)}
	var f deskpb.ServerFrame
	switch name, _, plain := bytes.Cut(payload, []byte(" ")); {
	case plain && payload[0] == '#':
		k.conversation, k.version = string(name), 1
	case protojson.Unmarshal(payload, &f) == nil && f.GetTicket() != nil:
		k.conversation, k.version = f.GetTicket().Ticket.Conversation, f.GetTicket().Ticket.Version
	}
	s.known[h] = len(s.kinds)
	s.kinds = append(s.kinds, k)
	return len(s.kinds) - 1
}

func (s *screens) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen, s.kinds, s.known = s.seen[:0], nil, map[uint64]int{}
}

// report finds for each change when each socket saw it. Frames of a ticket come in the order of its versions, the same to all
// sockets, and each tells all changes since the one before.
func (s *screens) report(changes []durable, sockets int) screenReport {
	s.mu.Lock()
	defer s.mu.Unlock()
	frames := map[string][]int{} // of a conversation, in the order of their versions
	var out screenReport
	for i, k := range s.kinds {
		if k.conversation != "" {
			frames[k.conversation] = append(frames[k.conversation], i)
		}
		out.FrameBytes = max(out.FrameBytes, k.bytes)
	}
	tells := make([][]durable, len(s.kinds))
	for _, c := range changes {
		all := frames[c.Conversation]
		slices.SortFunc(all, func(a, b int) int { return int(s.kinds[a].version) - int(s.kinds[b].version) })
		i := slices.IndexFunc(all, func(k int) bool { return s.kinds[k].version >= c.Version })
		if i < 0 {
			continue
		}
		tells[all[i]] = append(tells[all[i]], c)
	}
	var lat []int64
	for _, a := range s.seen {
		for _, c := range tells[a.kind] {
			lat = append(lat, a.atNs-c.AtNs)
		}
	}
	out.Missing = len(changes)*sockets - len(lat)
	slices.Sort(lat)
	for p := range 101 {
		if len(lat) > 0 {
			out.PercentilesNs = append(out.PercentilesNs, lat[min(p*len(lat)/100, len(lat)-1)])
		}
	}
	return out
}
