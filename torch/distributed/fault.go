package distributed

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/torch"
)

// Libtorch's errors of collectives name an address, or nothing but that the time is over.
// So each process whose collective has failed says so in the store, and then looks who did
// not: a process that hangs or does something else is the one that the others waited for.
const (
	inquiry     = time.Second            // how long to wait for what others say
	ownWords    = 300 * time.Millisecond // the same for the process at the other end, which may have failed itself
	pollEach    = 20 * time.Millisecond
	storeAnswer = 3 * time.Second // how long the store may take, which is in the process of rank 0
)

// inquire finds out which processes an error of a collective is about.
func (g *ProcessGroup) inquire(e *Error) {
	text, ok := faultOf(e.Err)
	if !ok || g.peers == nil {
		return
	}
	var inner *Error
	if silent := errors.As(e.Err, &inner) && len(inner.Missing) > 0; !silent {
		op, timeout := e.Op, e.Timeout()
		a, _, answered := within(inquiry+storeAnswer, func() (Error, error) { return g.ask(op, text, timeout), nil }, nil)
		if answered {
			e.Peer, e.Missing = a.Peer, a.Missing
			return
		}
	}
	if rank := g.peers.at(text); rank >= 0 {
		e.Peer = g.peers.name(rank)
		return
	}
	store := *g.peers.store
	if name := g.peers.name(0); name != "" && strings.HasPrefix(store.holder, masterRank) {
		store.holder = name
	}
	e.Missing = []string{store.silent()}
}

// faultOf returns the words of an error that is about other processes.
func faultOf(err error) (text string, ok bool) {
	var e *torch.Error
	if !errors.As(err, &e) || e.Kind != torch.RuntimeError {
		return "", false
	}
	return plainText(err), strings.Contains(e.Message, "gloo") || timeoutText.MatchString(e.Message)
}

func (g *ProcessGroup) faultKey(rank int) string {
	return fmt.Sprintf("gotorch/fault/%s/%d", g.name, rank)
}

// ask tells the others that a collective has failed here, and finds out whom it waited for.
func (g *ProcessGroup) ask(op, text string, timeout bool) (e Error) {
	p := g.peers
	_ = p.store.Set(g.faultKey(p.own), []byte(op)) // without the store what is known does
	_ = p.read()
	other := p.at(text)
	said := map[int]string{p.own: op}
	for begin := time.Now(); time.Since(begin) < inquiry && len(said) < len(g.ranks); time.Sleep(pollEach) {
		silent := g.hear(said) != nil
		if said[other] == "" && other >= 0 && (silent || time.Since(begin) > ownWords) {
			e.Peer = p.name(other) // it did not fail as this one did: it is gone
			return e
		}
		if silent {
			break
		}
	}
	strangers := p.strangers(g.ranks)
	switch {
	case other >= 0:
		e.Peer = p.name(other)
	case addressText.MatchString(text) && g == world.group.Load():
		e.Peer = strangers // all others have said their addresses, which a later group's are not among
	}
	for _, rank := range g.ranks {
		name := p.name(rank)
		switch what := said[rank]; {
		case name == "" || rank == p.own: // a rank in Python says nothing
		case what == "" && (timeout || other >= 0):
			e.Missing = append(e.Missing, name)
		case what != "" && what != op:
			e.Missing = append(e.Missing, fmt.Sprintf("%s, which was in %s", name, what))
		}
	}
	if slices.Contains(e.Missing, e.Peer) {
		e.Peer = ""
	}
	if timeout && e.Peer == "" && len(e.Missing) == 0 && strangers != "" {
		e.Missing = []string{"perhaps " + strangers}
	}
	return e
}

// hear reads what others have said.
func (g *ProcessGroup) hear(said map[int]string) error {
	for _, rank := range g.ranks {
		if _, spoke := said[rank]; spoke {
			continue
		}
		key := g.faultKey(rank)
		there, err := g.peers.store.Check([]string{key})
		if err != nil {
			return err
		}
		if there {
			op, err := g.peers.store.Get(key)
			if err != nil {
				return err
			}
			said[rank] = string(op)
		}
	}
	return nil
}

// init adds to an error of a backward pass, in which DistributedDataParallel's gradients
// move, which processes it is about.
func init() {
	internals.ExplainBackward(func(message string) string {
		g := world.group.Load()
		if g == nil {
			return ""
		}
		e := &Error{Op: "DistributedDataParallel", Rank: g.rank, Size: len(g.ranks),
			Err: torch.Errorf("", torch.RuntimeError, "%s", message)}
		if _, ok := faultOf(e.Err); !ok {
			return ""
		}
		g.inquire(e)
		return fmt.Sprintf("\n  in the collectives of rank %d of %d%s", e.Rank, e.Size, e.about())
	})
}
