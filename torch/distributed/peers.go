package distributed

import (
	"bufio"
	"fmt"
	"math/bits"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// peers knows which addresses the processes of the default group have: libtorch's errors
// name the address of a process that is gone, not its rank. Each process puts its own into
// the store; they are read with the first collective that is done. Ranks in Python put
// none there.
type peers struct {
	store *Store
	own   int
	n     int
	once  sync.Once
	mutex sync.Mutex
	known map[int]peer
}

// peer is a process.
type peer struct {
	name      string // "rank 2 (host 10.0.0.7, process 411)"
	addresses string // of its sockets, each with a space before and after it
}

// mostPeers is how many processes there are at most for their addresses to be kept: each
// has as many as there are processes.
const mostPeers = 64

// newPeers puts this process's addresses into the group's store.
func newPeers(g *ProcessGroup) *peers {
	p := &peers{store: g.store, own: g.rank, n: len(g.ranks), known: map[int]peer{}}
	if p.n > mostPeers {
		return nil
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	text := fmt.Sprintf("host %s, process %d\n%s", host, os.Getpid(), strings.Join(ownSockets(), " "))
	if p.store.Set(peerKey(g.rank), []byte(text)) != nil {
		return nil // without them errors have addresses only
	}
	return p
}

func peerKey(rank int) string { return fmt.Sprintf("gotorch/peer/%d", rank) }

// learn reads the addresses that are in the store, the first time. It does not wait for a
// store whose process hangs.
func (p *peers) learn() {
	if p != nil {
		p.once.Do(func() { _, _, _ = within(storeAnswer, func() (struct{}, error) { return struct{}{}, p.read() }, nil) })
	}
}

// read reads the addresses that are in the store and not known yet.
func (p *peers) read() error {
	for rank := range p.n {
		if p.name(rank) != "" || rank == p.own {
			continue
		}
		there, err := p.store.Check([]string{peerKey(rank)})
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		text, err := p.store.Get(peerKey(rank))
		if err != nil {
			return err
		}
		name, addresses, _ := strings.Cut(string(text), "\n")
		p.mutex.Lock()
		p.known[rank] = peer{fmt.Sprintf("rank %d (%s)", rank, name), " " + addresses + " "}
		p.mutex.Unlock()
	}
	return nil
}

// name says which process a rank is, or "" if that is not known.
func (p *peers) name(rank int) string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.known[rank].name
}

// strangers says which of the processes have not said who they are, or "" if all have.
func (p *peers) strangers(members []int) string {
	var ranks []string
	for _, rank := range members {
		if rank != p.own && p.name(rank) == "" {
			ranks = append(ranks, strconv.Itoa(rank))
		}
	}
	const why = " (it has not said who it is, as ranks in Python do not)"
	switch len(ranks) {
	case 0:
		return ""
	case 1:
		return "rank " + ranks[0] + why
	}
	return "one of the ranks " + strings.Join(ranks, ", ") + why
}

var addressText = regexp.MustCompile(`\[([0-9a-fA-F:.]+)(?:%\w+)?\]:(\d+)`)

// at returns the rank of the process that an error's address is of, or -1.
func (p *peers) at(text string) int {
	found := addressText.FindStringSubmatch(text)
	if found == nil {
		return -1
	}
	port, err := strconv.ParseUint(found[2], 10, 16)
	if err != nil {
		return -1
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	// Gloo writes the bytes of ports in the network's order.
	for _, port := range []uint16{bits.ReverseBytes16(uint16(port)), uint16(port)} {
		address := fmt.Sprintf(" %s|%d ", found[1], port)
		for rank, p := range p.known {
			if strings.Contains(p.addresses, address) {
				return rank
			}
		}
	}
	return -1
}

// ownSockets returns the addresses of this process's TCP sockets, "127.0.0.1|43215"; none
// where the system does not tell.
func ownSockets() []string {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil
	}
	own := map[string]bool{}
	for _, entry := range entries {
		link, err := os.Readlink("/proc/self/fd/" + entry.Name())
		if inode, ok := strings.CutPrefix(link, "socket:["); err == nil && ok {
			own[strings.TrimSuffix(inode, "]")] = true
		}
	}
	var list []string
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		file, err := os.Open(table)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(file); lines.Scan(); {
			fields := strings.Fields(lines.Text())
			const local, inode = 1, 9
			if len(fields) > inode && own[fields[inode]] {
				list = append(list, socketAddress(fields[local]))
			}
		}
		file.Close()
	}
	return list
}

// socketAddress reads an address of /proc/net/tcp: words of 4 bytes in the machine's
// order, which is little-endian where gotorch runs, and a port.
func socketAddress(text string) string {
	words, port, _ := strings.Cut(text, ":")
	var bytes []byte
	for ; len(words) >= 8; words = words[8:] {
		var word uint32
		_, _ = fmt.Sscanf(words[:8], "%x", &word)
		bytes = append(bytes, byte(word), byte(word>>8), byte(word>>16), byte(word>>24))
	}
	var number int
	_, _ = fmt.Sscanf(port, "%x", &number)
	ip, _ := netip.AddrFromSlice(bytes)
	return fmt.Sprintf("%s|%d", ip.Unmap(), number)
}
