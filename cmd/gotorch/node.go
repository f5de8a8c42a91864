package main

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"time"
)

// node is this machine's part of a job. It does what the coordinator says.
type node struct {
	*job
	wire      *wire
	processes []*process
	ended     chan *process
	left      int              // of the processes, that run
	told      bool             // whether they were told to end
	late      <-chan time.Time // when they are ended
}

func newNode(j *job, conn net.Conn) *node {
	w := newWire(conn, j.silence)
	w.first = min(j.silence, j.joining) // what answers may be stopped, or no launcher
	return &node{job: j, wire: w, ended: make(chan *process)}
}

// follow takes part in the job until it is over, and returns the exit status.
func (n *node) follow() int {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	n.wire.send(message{Kind: join, Join: &joining{Version: wireVersion, Node: n.node, Nodes: n.nodes, Processes: n.job.processes, Name: n.name, Host: host}})
	pulse := time.NewTicker(n.silence / pulses)
	defer pulse.Stop()
	messages := n.wire.receive()
	for {
		select {
		case m, ok := <-messages:
			switch {
			case !ok:
				n.tell(syscall.SIGKILL)
				n.drain()
				n.print(fmt.Sprintf("gotorch run: the launcher of node 0 is gone, or what answers at %s is none: %v\n", n.meeting, n.wire.err))
				return 1
			case m.Kind == finish:
				n.print(m.Text)
				return m.Status
			}
			n.obey(m)
		case p := <-n.ended:
			n.end(p)
		case s := <-n.signals:
			n.tell(s.(syscall.Signal))
			n.wire.send(message{Kind: interrupt})
		case <-n.late:
			n.tell(syscall.SIGKILL)
		case <-pulse.C:
			n.wire.send(message{Kind: alive})
		}
	}
}

// obey does what the coordinator says.
func (n *node) obey(m message) {
	switch m.Kind {
	case start:
		n.begin(*m.Plan)
	case stop:
		if !n.told {
			n.tell(syscall.SIGTERM)
		}
	case say:
		n.print(m.Text)
	}
}

// print writes to standard error between the lines of processes.
func (n *node) print(text string) {
	n.lock.Lock()
	defer n.lock.Unlock()
	fmt.Fprint(n.stderr, text)
}

// begin starts the processes.
func (n *node) begin(p plan) {
	n.told, n.late = false, nil
	processes, err := n.start(p, func(p *process) { n.ended <- p })
	n.processes, n.left = processes, len(processes)
	if err != nil {
		const notFound = 127
		n.wire.send(message{Kind: failed, Failure: &failure{Who: fmt.Sprint("node ", n.node), What: err.Error(), Status: notFound, Final: true}})
		n.wire.send(message{Kind: ended})
	}
}

// end notes that a process has ended.
func (n *node) end(p *process) {
	n.left--
	p.flush()
	if f := p.failure(n.told); f != nil {
		n.wire.send(message{Kind: failed, Failure: f})
	}
	if n.left == 0 {
		n.late = nil
		n.wire.send(message{Kind: ended})
	}
}

// tell sends a signal to the processes, after which they have some time to end.
func (n *node) tell(s syscall.Signal) {
	n.told = true
	tell(n.processes, s)
	n.late = time.After(n.patience)
}

// drain waits for the processes to end.
func (n *node) drain() {
	for ; n.left > 0; n.left-- {
		(<-n.ended).flush()
	}
}
