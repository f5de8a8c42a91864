package distributed_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch/distributed"
)

// frozen is a store whose clients reach it by a way that can be frozen: connections stay and
// new ones are taken, but no more bytes go to and fro, as with a process that is stopped.
type frozen struct {
	port  int         // of the way
	at    string      // it freezes when a client sends this
	dies  atomic.Bool // it closes its connections then instead
	stops atomic.Bool
	own   *distributed.Store // without that way

	lock  sync.Mutex
	conns []net.Conn
}

func newFrozen(t *testing.T, at string) *frozen {
	t.Helper()
	own, err := distributed.NewTCPStore("127.0.0.1", 0, distributed.TCPStoreOptions{Master: true, WaitForWorkers: new(false)})
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f := &frozen{port: listener.Addr().(*net.TCPAddr).Port, at: at, own: own}
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", own.Port()))
			if err != nil {
				near.Close()
				return
			}
			f.lock.Lock()
			f.conns = append(f.conns, near, far)
			f.lock.Unlock()
			go f.carry(far, near)
			go f.carry(near, far)
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		f.shut() // which ends the calls that still wait
		own.Close()
	})
	return f
}

// shut closes the connections.
func (f *frozen) shut() {
	f.lock.Lock()
	defer f.lock.Unlock()
	for _, conn := range f.conns {
		conn.Close()
	}
}

// carry takes what one end sends to the other, until it is frozen.
func (f *frozen) carry(to io.Writer, from io.Reader) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if f.at != "" && bytes.Contains(buffer[:n], []byte(f.at)) {
			f.stops.Store(true)
		}
		if err != nil || f.stops.Load() {
			if f.dies.Load() {
				f.shut()
			}
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// client is another process's store.
func (f *frozen) client(t *testing.T, timeout time.Duration) *distributed.Store {
	t.Helper()
	s, err := distributed.NewTCPStore("127.0.0.1", f.port, distributed.TCPStoreOptions{Timeout: 20 * time.Second})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	require.NoError(t, s.SetTimeout(timeout))
	return s
}

// saysFrozen asserts that an error says that the master does not answer.
func saysFrozen(t *testing.T, err error, master string) {
	t.Helper()
	isTimeout(t, err)
	assert.ErrorContains(t, err, "timed out after 200ms: the store does not answer\n  did not take part: "+master+", whose store does not answer")
}

const shortly = 200 * time.Millisecond

// TestStoreIsStopped asks a store whose process has been stopped.
func TestStoreIsStopped(t *testing.T) {
	if !here() {
		t.Skip("this libtorch has no c10d: TestOlderLibtorch")
	}
	f := newFrozen(t, "")
	methods := map[string]func(s *distributed.Store) error{
		"Set":        func(s *distributed.Store) error { return s.Set("k", make([]byte, 32<<20)) }, // more than lies on the way
		"Get":        func(s *distributed.Store) error { _, err := s.Get("k"); return err },
		"Add":        func(s *distributed.Store) error { _, err := s.Add("k", 1); return err },
		"CompareSet": func(s *distributed.Store) error { _, err := s.CompareSet("k", nil, nil); return err },
		"Wait":       func(s *distributed.Store) error { return s.Wait([]string{"k"}, shortly) },
		"Check":      func(s *distributed.Store) error { _, err := s.Check([]string{"k"}); return err },
		"DeleteKey":  func(s *distributed.Store) error { _, err := s.DeleteKey("k"); return err },
		"NumKeys":    func(s *distributed.Store) error { _, err := s.NumKeys(); return err },
		"ListKeys":   func(s *distributed.Store) error { _, err := s.ListKeys(); return err },
		"Clone":      func(s *distributed.Store) error { _, err := s.Clone(); return err },
	}
	clients := map[string]*distributed.Store{}
	for name := range methods {
		clients[name] = f.client(t, shortly)
	}
	prefix, err := distributed.NewPrefixStore("mine", clients["Get"])
	require.NoError(t, err)
	clients["Get"] = prefix
	f.stops.Store(true)
	master := fmt.Sprint("the master at 127.0.0.1:", f.port)
	start := time.Now()
	var group sync.WaitGroup
	for name, method := range methods {
		group.Go(func() {
			err := method(clients[name])
			saysFrozen(t, err, master)
			assert.ErrorContains(t, err, "distributed.Store."+name+": ")
		})
	}
	group.Go(func() {
		_, err := distributed.NewTCPStore("127.0.0.1", f.port, distributed.TCPStoreOptions{Timeout: shortly})
		isTimeout(t, err)
		assert.ErrorContains(t, err, "another program may have the port, or the master is stopped")
	})
	group.Wait()
	assert.Less(t, time.Since(start), 5*time.Second)
	for _, s := range clients { // a store that waits can be closed
		s.Close()
	}
}

// TestMasterIsStopped begins while the process of rank 0 is stopped, at several moments.
func TestMasterIsStopped(t *testing.T) {
	if !here() {
		t.Skip("this libtorch has no c10d: TestOlderLibtorch")
	}
	for name, at := range map[string]string{"world size": "gotorch/world_size", "rank": "gotorch/rank", "connecting": "cpu/"} {
		t.Run(name, func(t *testing.T) {
			f := newFrozen(t, at)
			start := time.Now()
			err := distributed.InitProcessGroup(distributed.InitOptions{InitMethod: fmt.Sprint("tcp://127.0.0.1:", f.port),
				Rank: new(1), WorldSize: 2, Timeout: shortly})
			assert.ErrorContains(t, err, "distributed.InitProcessGroup on rank 1 of 2: ")
			saysFrozen(t, err, fmt.Sprint("rank 0, the master at 127.0.0.1:", f.port))
			assert.Less(t, time.Since(start), 5*time.Second)
			assert.False(t, distributed.IsInitialized())
		})
	}
}

// TestMasterDies begins while the process of rank 0 ends.
func TestMasterDies(t *testing.T) {
	if !here() {
		t.Skip("this libtorch has no c10d: TestOlderLibtorch")
	}
	for name, at := range map[string]string{"rank": "gotorch/rank", "connecting": "cpu/"} {
		t.Run(name, func(t *testing.T) {
			f := newFrozen(t, at)
			f.dies.Store(true)
			err := distributed.InitProcessGroup(distributed.InitOptions{InitMethod: fmt.Sprint("tcp://127.0.0.1:", f.port),
				Rank: new(1), WorldSize: 2, Timeout: 20 * time.Second})
			assert.ErrorContains(t, err, fmt.Sprint("\n  at the other end: rank 0, the master at 127.0.0.1:", f.port))
		})
	}
}

// TestGroupEndsWithoutItsStore ends the groups while the process that has the store is
// stopped.
func TestGroupEndsWithoutItsStore(t *testing.T) {
	if !here() {
		t.Skip("this libtorch has no c10d: TestOlderLibtorch")
	}
	f := newFrozen(t, "")
	require.NoError(t, distributed.InitProcessGroup(distributed.InitOptions{Store: f.client(t, shortly), Rank: new(0), WorldSize: 1}))
	f.stops.Store(true)
	start := time.Now()
	require.NoError(t, distributed.DestroyProcessGroup())
	assert.Less(t, time.Since(start), 5*time.Second)
}
