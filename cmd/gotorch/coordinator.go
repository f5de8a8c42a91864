package main

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/internal/freeport"
)

// coordinator says when the nodes of a job begin and end. All it knows is what they tell.
type coordinator struct {
	*job
	listener net.Listener // for the other nodes; nil where there is one
	members  []*member    // by node, nil where none is
	events   chan event
}

// member is a node that has joined.
type member struct {
	joining
	wire    *wire
	running bool
	tries   int // to join
}

func (m *member) String() string { return fmt.Sprintf("node %d (host %s)", m.Node, m.Host) }

// event is a message of a member. Its Kind is join with the first one, and gone with the
// last.
type event struct {
	from *member
	message
}

const gone kind = "gone"

func newCoordinator(j *job, listener net.Listener) *coordinator {
	return &coordinator{job: j, listener: listener, members: make([]*member, j.nodes), events: make(chan event, 64)}
}

// run leads the job to its end. own is the way to node 0.
func (c *coordinator) run(own net.Conn) {
	go c.admit(own)
	c.note(<-c.events) // node 0, so that it can print
	if c.listener != nil {
		defer c.listener.Close()
		go func() {
			for {
				conn, err := c.listener.Accept()
				if err != nil {
					return
				}
				go c.admit(conn)
			}
		}()
	}
	for restarts := 0; ; restarts++ {
		if why := c.gather(); why != nil {
			c.finish(why.Status, why.Text)
			return
		}
		failure, interrupted := c.attempt(restarts)
		switch {
		case interrupted:
			c.finish(statusInterrupted, "")
			return
		case failure == nil:
			c.finish(0, "")
			return
		}
		text := fmt.Sprintf("gotorch run: %s", failure)
		if !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		if failure.Final || restarts == c.maxRestarts {
			c.finish(failure.Status, text)
			return
		}
		c.tell(message{Kind: say, Text: fmt.Sprintf("%sgotorch run: beginning again, %d of %d times\n", text, restarts+1, c.maxRestarts)})
	}
}

const statusInterrupted = 130

// finish ends the job, and waits until the nodes know it.
func (c *coordinator) finish(status int, text string) {
	c.tell(message{Kind: finish, Status: status, Text: text})
	late := time.After(c.silence)
	for slices.ContainsFunc(c.members, func(m *member) bool { return m != nil }) {
		select {
		case e := <-c.events:
			c.note(e)
		case <-late:
			return
		}
	}
}

// admit turns what comes by a connection into events. What is no launcher is left out.
func (c *coordinator) admit(conn net.Conn) {
	w := newWire(conn, c.silence)
	messages := w.receive()
	first := <-messages
	if first.Kind != join || first.Join == nil {
		conn.Close()
		return
	}
	m := &member{joining: *first.Join, wire: w}
	c.events <- event{m, first}
	for message := range messages {
		c.events <- event{m, message}
	}
	c.events <- event{m, message{Kind: gone}}
}

// refusal says why a launcher cannot join, or "".
func (c *coordinator) refusal(m *member) string {
	switch {
	case m.Version != wireVersion:
		return fmt.Sprintf("node %d has another version of gotorch than node 0", m.Node)
	case m.Name != c.name:
		return fmt.Sprintf("the -rdzv-id of node %d is %q, but that of node 0 is %q: this is another job", m.Node, m.Name, c.name)
	case m.Nodes != c.nodes:
		return fmt.Sprintf("the -nnodes of node %d is %d, but that of node 0 is %d", m.Node, m.Nodes, c.nodes)
	case m.Node < 0 || m.Node >= c.nodes || m.Processes < 1:
		return fmt.Sprintf("there is no node %d with %d processes in a job of %d", m.Node, m.Processes, c.nodes)
	case c.members[m.Node] != nil:
		return fmt.Sprintf("there is a node %d already, on host %s: each -node-rank must be given once", m.Node, c.members[m.Node].Host)
	}
	return ""
}

// note takes what concerns who the members are, and returns whether it is a member that
// is gone.
func (c *coordinator) note(e event) (lost bool) {
	switch e.Kind {
	case join:
		if c.postpone(e) {
			return false
		}
		if why := c.refusal(e.from); why != "" {
			if own := c.members[0]; own != nil {
				own.wire.send(message{Kind: say, Text: fmt.Sprintf("gotorch run: refused host %s: %s\n", e.from.Host, why)})
			}
			e.from.wire.send(message{Kind: finish, Text: "gotorch run: " + why + "\n", Status: 2})
			return false
		}
		c.members[e.from.Node] = e.from
		e.from.wire.send(message{Kind: alive}) // at once, for it may wait for a word only shortly
	case gone:
		if c.members[max(0, min(e.from.Node, c.nodes-1))] == e.from {
			c.members[e.from.Node] = nil
			return true
		}
	}
	return false
}

// postpone lets a launcher wait whose node has one already: that may be gone, which is
// known when it has been silent for long enough.
func (c *coordinator) postpone(e event) bool {
	if e.from.Node < 0 || e.from.Node >= c.nodes || c.members[e.from.Node] == nil || e.from.tries > pulses {
		return false
	}
	e.from.tries++
	e.from.wire.send(message{Kind: alive})
	time.AfterFunc(c.silence/pulses, func() { c.events <- e })
	return true
}

// ending is why a job ends before its processes begin.
type ending struct {
	Text   string
	Status int
}

// gather waits until all nodes have joined.
func (c *coordinator) gather() *ending {
	deadline := time.After(c.joining)
	pulse := time.NewTicker(c.silence / pulses)
	defer pulse.Stop()
	for {
		var missing []string
		for node, m := range c.members {
			if m == nil {
				missing = append(missing, fmt.Sprint(node))
			}
		}
		if len(missing) == 0 {
			return nil
		}
		select {
		case e := <-c.events:
			c.note(e)
			if e.Kind == interrupt {
				return &ending{Status: statusInterrupted}
			}
		case <-pulse.C:
			c.tell(message{Kind: alive})
		case <-deadline:
			return &ending{Status: 1, Text: fmt.Sprintf("gotorch run: %d of %d nodes have joined within %v; missing is node %s\n",
				c.nodes-len(missing), c.nodes, c.joining, strings.Join(missing, ", "))}
		}
	}
}

// attempt runs the job once. failure is why it failed, interrupted whether a signal ended
// it.
func (c *coordinator) attempt(restarts int) (first *failure, interrupted bool) {
	if err := c.begin(restarts); err != nil {
		return &failure{Who: "node 0", What: err.Error(), Status: 1, Final: true}, false
	}
	fail := func(f *failure) {
		if f.before(first) {
			first = f
		}
		c.tell(message{Kind: stop})
	}
	pulse := time.NewTicker(c.silence / pulses)
	defer pulse.Stop()
	for c.running() {
		select {
		case e := <-c.events:
			switch {
			case c.note(e):
				fail(&failure{Who: e.from.String(), What: "its launcher is gone: " + e.from.wire.err.Error(), Status: 1, Fatal: true})
			case e.Kind == failed && e.Failure != nil && e.from.running:
				fail(e.Failure)
			case e.Kind == interrupt:
				interrupted = true
				c.tell(message{Kind: stop})
			case e.Kind == ended:
				e.from.running = false
			}
		case <-pulse.C:
			c.tell(message{Kind: alive})
		}
	}
	return first, interrupted
}

// begin starts the processes of all nodes.
func (c *coordinator) begin(restarts int) error {
	p := plan{Host: "127.0.0.1", Port: c.port, Restarts: restarts, MaxRestarts: c.maxRestarts}
	if c.nodes > 1 {
		p.Host, _, _ = net.SplitHostPort(c.meeting)
	}
	if p.Port == 0 {
		var err error
		if p.Port, err = freeport.Find(); err != nil {
			return err
		}
	}
	for _, m := range c.members {
		p.World += m.Processes
	}
	for _, m := range c.members {
		m.running = true
		own := p
		m.wire.send(message{Kind: start, Plan: &own})
		p.Base += m.Processes
	}
	return nil
}

// running reports whether processes of any node run.
func (c *coordinator) running() bool {
	for _, m := range c.members {
		if m != nil && m.running {
			return true
		}
	}
	return false
}

// tell tells all nodes something.
func (c *coordinator) tell(m message) {
	for _, to := range c.members {
		if to != nil {
			to.wire.send(m)
		}
	}
}
