package distributed

import (
	"net"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

var internals = torch.Internal.Export(nil)

// Store holds values by keys for several processes. Goroutines may use it at once, but
// those that use one TCP store one after the other: [Store.Clone] gives another
// connection. It is closed by the garbage collector, or by Close.
//
// A method fails with an [*Error] where the process that has the store does not answer within
// the store's timeout and some seconds, since it is stopped, hangs or cannot be reached;
// Python waits for ever then.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.Store
type Store struct {
	object *torch.Object
	port   int
	where  string // where it is, for errors
	holder string // the process that others wait for where it does not answer
}

// DefaultTimeout is how long collectives and stores wait where nothing else is said.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.init_process_group
const DefaultTimeout = 30 * time.Minute

// storeTimeout is how long stores wait that are made alone.
const storeTimeout = 300 * time.Second

// milliseconds is a duration as libtorch takes it; short ones do not become none.
func milliseconds(d time.Duration) int { return int((d + time.Millisecond - 1) / time.Millisecond) }

// method calls a method of c10d; pass passes its arguments and take takes its results,
// where they are not nil.
func method(name string, pass func(c *torch.Call), take func(r *torch.Results)) error {
	return internals.C10D(name, pass, take)
}

// newStore makes a store by a method of c10d.
func newStore(op, name, where string, pass func(c *torch.Call)) (*Store, error) {
	s := &Store{where: where}
	err := method(name, pass, func(r *torch.Results) {
		s.object = r.Object()
		if name == "store.tcp" {
			s.port = r.Int()
		}
	})
	if err != nil {
		return nil, &Error{Op: op, Rank: -1, Err: err}
	}
	return s, nil
}

// TCPStoreOptions are the options of [NewTCPStore].
type TCPStoreOptions struct {
	// WorldSize is how many processes use the store, the server's among them; the
	// server waits for them. 0 is any number.
	WorldSize int
	// Master makes this process the server.
	Master bool
	// Timeout is how long the store waits for the server, and for keys; 300 seconds where
	// it is 0.
	Timeout time.Duration
	// WaitForWorkers is whether the server waits for WorldSize processes; nil is true.
	WaitForWorkers *bool
	// MultiTenant lets several stores of this process use one server.
	MultiTenant bool
}

// NewTCPStore returns a store that a server of one of the processes holds. With port 0
// the server takes any free one, which [Store.Port] tells. It fails if the port is in
// use, if the server does not answer within the timeout, or if processes are missing
// then.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.TCPStore
func NewTCPStore(host string, port int, options ...TCPStoreOptions) (*Store, error) {
	const op = "NewTCPStore"
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	if port < 0 || port > 65535 {
		return nil, &Error{Op: op, Rank: -1, Err: refusal(torch.ValueError, "port must have value from 0 to 65535 but was %d", port)}
	}
	if o.Timeout == 0 {
		o.Timeout = storeTimeout
	}
	where := address(host, port)
	begin := func() (*Store, error) {
		s, err := newStore(op, "store.tcp", where, func(c *torch.Call) {
			c.String(host)
			c.Int(port)
			c.Int(o.WorldSize)
			c.Bool(o.Master)
			c.Int(milliseconds(o.Timeout))
			c.Bool(option.Or(o.WaitForWorkers, true))
			c.Bool(o.MultiTenant)
		})
		if err == nil {
			s.holder = "the master at " + address(host, s.port)
		}
		return s, err
	}
	if o.Master {
		return begin()
	}
	loaded, err := newStore(op, "store.hash", "", nil) // which loads libtorch: that does not count
	if err != nil {
		return nil, err
	}
	loaded.Close()
	s, err, answered := within(answerLimit(o.Timeout), begin, (*Store).Close)
	if answered {
		return s, err
	}
	why := "takes connections, but does not answer as a store does; another program may have the port, or the master is stopped"
	if conn, err := net.DialTimeout("tcp", where, time.Second); err == nil {
		conn.Close()
	} else {
		why = "does not answer: " + err.Error()
	}
	return nil, &Error{Op: op, Rank: -1, Err: refusal(torch.RuntimeError, "timed out after %v: %s %s", o.Timeout, where, why)}
}

// NewFileStore returns a store in a file, which processes of one machine share, or of
// several with a shared file system. worldSize is how many use it, the last of which
// removes the file; 0 is any number, and then nobody does.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.FileStore
func NewFileStore(path string, worldSize int) (*Store, error) {
	if worldSize <= 0 {
		worldSize = -1
	}
	s, err := newStore("NewFileStore", "store.file", path, func(c *torch.Call) {
		c.String(path)
		c.Int(worldSize)
	})
	if err == nil {
		s.holder = "the process that has locked " + path
	}
	return s, err
}

// NewHashStore returns a store within this process.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.HashStore
func NewHashStore() (*Store, error) { return newStore("NewHashStore", "store.hash", "", nil) }

// NewPrefixStore returns a store whose keys are those of another one that begin with a
// prefix and a slash.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.PrefixStore
func NewPrefixStore(prefix string, store *Store) (*Store, error) {
	const op = "NewPrefixStore"
	if store == nil || store.object == nil {
		return nil, &Error{Op: op, Rank: -1, Err: errNoStore}
	}
	made, err := newStore(op, "store.prefix", store.where, func(c *torch.Call) {
		c.String(prefix)
		c.Object(store.object)
	})
	if err == nil {
		made.port, made.holder = store.port, store.holder
	}
	return made, err
}

var errNoStore = refusal(torch.TypeError, "the store is nil, or one that no function made")

// call calls a method of the store that no other process takes part in.
func (s *Store) call(op, name string, pass func(c *torch.Call), take func(r *torch.Results)) error {
	op = "Store." + op
	if s == nil || s.object == nil {
		return &Error{Op: op, Rank: -1, Err: errNoStore}
	}
	err := method(name, func(c *torch.Call) {
		c.Object(s.object)
		if pass != nil {
			pass(c)
		}
	}, take)
	if err != nil {
		return &Error{Op: op, Rank: -1, Peer: s.other(), Err: err}
	}
	return nil
}

// other says where the store is, and whose it is.
func (s *Store) other() string {
	if s.port > 0 {
		return s.holder
	}
	return s.where
}

func takeText(r *torch.Results) []byte { return []byte(r.Text()) }

// Set sets the value of a key.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.Store.set
func (s *Store) Set(key string, value []byte) error {
	_, err := ask[struct{}](s, "Set", "store.set", 0, func(c *torch.Call) { c.String(key); c.String(string(value)) }, nil)
	return err
}

// Get returns the value of a key, for which it waits until the timeout.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.Store.get
func (s *Store) Get(key string) (value []byte, err error) {
	return ask(s, "Get", "store.get", 0, func(c *torch.Call) { c.String(key) }, takeText)
}

// Add adds to the counter of a key, which begins at 0, and returns its new value.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.Store.add
func (s *Store) Add(key string, amount int) (sum int, err error) {
	return ask(s, "Add", "store.add", 0, func(c *torch.Call) { c.String(key); c.Int(amount) }, (*torch.Results).Int)
}

// CompareSet sets the value of a key if it is the expected one, or if there is none and
// expected is empty. It returns the value that the key has then, or expected where it has
// none.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.Store.compare_set
func (s *Store) CompareSet(key string, expected, desired []byte) (value []byte, err error) {
	return ask(s, "CompareSet", "store.compare_set", 0,
		func(c *torch.Call) { c.String(key); c.String(string(expected)); c.String(string(desired)) }, takeText)
}

// Append adds to the end of the value of a key.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.Store.append
func (s *Store) Append(key string, value []byte) error {
	_, err := ask[struct{}](s, "Append", "store.append", 0, func(c *torch.Call) { c.String(key); c.String(string(value)) }, nil)
	return err
}

// Wait waits until all keys are there, for the store's timeout or the one given.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.Store.wait
func (s *Store) Wait(keys []string, timeout ...time.Duration) error {
	limit, err := option.AtMostOne(timeout)
	if err == nil && limit == 0 {
		limit, err = s.Timeout()
	}
	if err != nil {
		return err
	}
	_, err = ask[struct{}](s, "Wait", "store.wait", limit, func(c *torch.Call) { c.Strings(keys); c.Int(milliseconds(limit)) }, nil)
	return err
}

// Check reports whether all keys are there.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.Store.check
func (s *Store) Check(keys []string) (there bool, err error) {
	return ask(s, "Check", "store.check", 0, func(c *torch.Call) { c.Strings(keys) }, (*torch.Results).Bool)
}

// DeleteKey removes a key and reports whether it was there. A file store keeps it in the
// file, and a prefix store says what the store below says.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.Store.delete_key
func (s *Store) DeleteKey(key string) (was bool, err error) {
	return ask(s, "DeleteKey", "store.delete", 0, func(c *torch.Call) { c.String(key) }, (*torch.Results).Bool)
}

// NumKeys returns how many keys there are, those that the store itself needs among
// them: a TCP store with a WorldSize has one.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.Store.num_keys
func (s *Store) NumKeys() (n int, err error) {
	return ask(s, "NumKeys", "store.count", 0, nil, (*torch.Results).Int)
}

// ListKeys returns the keys, in no order.
func (s *Store) ListKeys() (keys []string, err error) {
	return ask(s, "ListKeys", "store.keys", 0, nil, func(r *torch.Results) []string {
		keys := make([]string, r.List())
		for i := range keys {
			keys[i] = r.Text()
		}
		return keys
	})
}

// Timeout returns how long the store waits.
func (s *Store) Timeout() (d time.Duration, err error) {
	err = s.call("Timeout", "store.timeout", nil,
		func(r *torch.Results) { d = time.Duration(r.Int()) * time.Millisecond })
	return d, err
}

// SetTimeout sets how long the store waits.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.Store.set_timeout
func (s *Store) SetTimeout(d time.Duration) error {
	return s.call("SetTimeout", "store.set_timeout", func(c *torch.Call) { c.Int(milliseconds(d)) }, nil)
}

// Clone returns the same store with a connection of its own.
func (s *Store) Clone() (*Store, error) {
	object, err := ask(s, "Clone", "store.clone", 0, nil, (*torch.Results).Object)
	if err != nil {
		return nil, err
	}
	clone := *s
	clone.object = object
	return &clone, nil
}

// Port returns the port of a TCP store, or 0.
func (s *Store) Port() int { return s.port }

// Close lets go of the store. The server of a TCP store ends with the last one of its
// process.
func (s *Store) Close() {
	if s != nil {
		s.object.Close()
	}
}
