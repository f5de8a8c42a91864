package distributed

import (
	"cmp"
	"net"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/wangkuiyi/gotorch/torch"
)

// meeting is where processes find each other: a store, and who they are.
type meeting struct {
	store     *Store
	rank      int
	worldSize int
}

// meet returns the meeting that the options of InitProcessGroup describe.
func meet(o *InitOptions) (m meeting, err error) {
	rank := -1
	if o.Rank != nil {
		rank = *o.Rank
	}
	if o.Store != nil {
		if o.InitMethod != "" {
			return m, refusal(torch.ValueError, "Store and InitMethod are two ways to say one thing: give one of them")
		}
		m = meeting{o.Store, rank, o.WorldSize}
		return m, m.check("Rank and WorldSize must be given with Store")
	}
	method := cmp.Or(o.InitMethod, "env://")
	u, err := url.Parse(method)
	if err != nil {
		return m, refusal(torch.ValueError, "InitMethod %q is no URL: %v", method, err)
	}
	m = meeting{rank: rank, worldSize: o.WorldSize}
	query := u.Query()
	for name, value := range map[string]*int{"rank": &m.rank, "world_size": &m.worldSize} {
		if text := query.Get(name); text != "" {
			if *value, err = strconv.Atoi(text); err != nil {
				return m, refusal(torch.ValueError, "%s of InitMethod %q is no integer", name, method)
			}
		}
	}
	switch u.Scheme {
	case "env":
		return m, m.meetByEnvironment(o.Timeout)
	case "tcp":
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			return m, refusal(torch.ValueError, "InitMethod %q lacks a port: tcp://host:port", method)
		}
		if err := m.check("Rank and WorldSize must be given with tcp://"); err != nil {
			return m, err
		}
		return m, m.meetByTCP(u.Hostname(), port, o.Timeout)
	case "file":
		if u.Host != "" || u.Path == "" {
			return m, refusal(torch.ValueError, "InitMethod %q lacks a path: file:///path", method)
		}
		if err := m.check("Rank and WorldSize must be given with file://"); err != nil {
			return m, err
		}
		m.store, err = NewFileStore(u.Path, m.worldSize)
		return m, err
	}
	return m, refusal(torch.ValueError, "InitMethod %q is none of env://, tcp://host:port and file:///path", method)
}

// check says what is wrong with who this process is.
func (m *meeting) check(missing string) error {
	switch {
	case m.rank < 0 && m.worldSize <= 0:
		return refusal(torch.ValueError, "%s", missing)
	case m.worldSize <= 0:
		return refusal(torch.ValueError, "the world size must be positive, but is %d", m.worldSize)
	case m.rank < 0 || m.rank >= m.worldSize:
		return refusal(torch.ValueError, "rank %d is not within a world of %d processes: they are 0 to %d",
			m.rank, m.worldSize, m.worldSize-1)
	}
	return nil
}

// meetByEnvironment meets where the environment says.
func (m *meeting) meetByEnvironment(timeout time.Duration) error {
	var port int
	for name, value := range map[string]*int{"RANK": &m.rank, "WORLD_SIZE": &m.worldSize, "MASTER_PORT": &port} {
		if name == "RANK" && m.rank >= 0 || name == "WORLD_SIZE" && m.worldSize > 0 {
			continue // the options say it
		}
		text, err := launched(name)
		if err != nil {
			return err
		}
		if text == "" {
			return missing(name)
		}
		if *value, err = strconv.Atoi(text); err != nil {
			return refusal(torch.ValueError, "the environment variable %s is %q, which is no integer", name, text)
		}
	}
	host, err := launched("MASTER_ADDR")
	if err != nil {
		return err
	}
	if host == "" {
		return missing("MASTER_ADDR")
	}
	if err := m.check(""); err != nil {
		return err
	}
	return m.meetByTCP(host, port, timeout)
}

// missing returns the error of an environment variable that is not set.
func missing(name string) error {
	return refusal(torch.ValueError, "the environment variable %s is not set: gotorch run and torchrun set RANK, WORLD_SIZE, "+
		"MASTER_ADDR and MASTER_PORT, and Slurm's srun says the same; InitMethod, Rank and WorldSize say the same", name)
}

// meetByTCP meets at a server, which is the process of rank 0, or torchrun's agent.
func (m *meeting) meetByTCP(host string, port int, timeout time.Duration) (err error) {
	agent := os.Getenv("TORCHELASTIC_USE_AGENT_STORE") == "True" &&
		os.Getenv("MASTER_ADDR") == host && os.Getenv("MASTER_PORT") == strconv.Itoa(port)
	m.store, err = NewTCPStore(host, port, TCPStoreOptions{
		WorldSize:   m.worldSize,
		Master:      m.rank == 0 && !agent,
		Timeout:     timeout,
		MultiTenant: !agent,
	})
	switch {
	case err != nil:
		return err
	case agent:
		m.store.holder = "torchrun's agent at " + m.store.where
	default:
		m.store.holder = masterRank + ", the master at " + m.store.where
	}
	return nil
}

// masterRank is how the holder of a store begins that is in the process of rank 0.
const masterRank = "rank 0"

// address returns host and port as one text.
func address(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }
