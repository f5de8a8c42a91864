package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// message is what the launchers of a job tell each other, a line of JSON each.
type message struct {
	Kind    kind
	Join    *joining `json:",omitempty"`
	Plan    *plan    `json:",omitempty"`
	Failure *failure `json:",omitempty"`
	Text    string   `json:",omitempty"`
	Status  int      `json:",omitempty"`
}

type kind string

// What nodes say: join comes first, failed once for each process that has failed, ended
// when none runs any more. Both sides say that they are alive.
const (
	join      kind = "join"
	failed    kind = "failed"
	ended     kind = "ended"
	interrupt kind = "interrupt"
	alive     kind = "alive"
)

// What the coordinator says: finish is the last.
const (
	start  kind = "start"
	stop   kind = "stop"
	say    kind = "say"
	finish kind = "finish"
)

// joining is who a node is.
type joining struct {
	Version     int
	Node, Nodes int
	Processes   int
	Name        string
	Host        string
}

// plan is how a node's processes begin.
type plan struct {
	Base, World           int // the rank of the first process, and how many there are
	Host                  string
	Port                  int
	Restarts, MaxRestarts int
}

const (
	wireVersion = 1
	pulses      = 6       // how often a launcher says something within the time after which it is gone
	lineBytes   = 1 << 20 // at most
)

// wire is the way between a node and the coordinator.
type wire struct {
	conn    net.Conn
	silence time.Duration // after which the other end is gone
	first   time.Duration // the same before it has said anything
	err     error         // why nothing more was received
}

func newWire(conn net.Conn, silence time.Duration) *wire {
	return &wire{conn: conn, silence: silence, first: silence}
}

// send sends a message. Where that fails the connection is gone, which receive tells.
func (w *wire) send(m message) {
	_ = w.conn.SetWriteDeadline(time.Now().Add(w.silence / 2))
	if json.NewEncoder(w.conn).Encode(m) != nil {
		w.conn.Close()
	}
}

// receive gives the messages of the other end, until it is gone or silent for too long.
func (w *wire) receive() <-chan message {
	messages := make(chan message, 4*pulses)
	go func() {
		defer close(messages)
		lines := bufio.NewScanner(w.conn)
		lines.Buffer(nil, lineBytes)
		for limit := w.first; ; limit = w.silence {
			_ = w.conn.SetReadDeadline(time.Now().Add(limit))
			if !lines.Scan() {
				w.err = lines.Err()
				break
			}
			var m message
			if w.err = json.Unmarshal(lines.Bytes(), &m); w.err != nil {
				break
			}
			messages <- m
		}
		switch {
		case w.err == nil:
			w.err = errors.New("it has closed the connection")
		case errors.Is(w.err, os.ErrDeadlineExceeded):
			w.err = fmt.Errorf("it says nothing: %w", w.err)
		}
		w.conn.Close()
	}()
	return messages
}
