package serve

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// connections are those of a server that are not idle. http.Server's Shutdown closes a
// connection whose first request is on its way, so that is awaited before.
type connections struct {
	mutex  sync.Mutex
	states map[net.Conn]opened
}

// opened is what is known of a connection.
type opened struct {
	state http.ConnState
	since time.Time
}

// note is the server's ConnState.
func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if state == http.StateNew || state == http.StateActive {
		c.states[conn] = opened{state, time.Now()}
	} else {
		delete(c.states, conn)
	}
}

// longestNew is how long a connection may send nothing at the end.
const longestNew = time.Second

// busy reports whether a connection has a request, or may be about to send its first one.
func (c *connections) busy() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, o := range c.states {
		if o.state == http.StateActive || time.Since(o.since) < longestNew {
			return true
		}
	}
	return false
}

// wait waits until no connection is busy, or ctx ends, and closes those that have sent
// nothing, for which Shutdown would wait longer.
func (c *connections) wait(ctx context.Context) {
	defer c.closeNew()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for c.busy() {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (c *connections) closeNew() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for conn, o := range c.states {
		if o.state == http.StateNew {
			_ = conn.Close()
		}
	}
}
