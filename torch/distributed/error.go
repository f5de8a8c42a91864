package distributed

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

// Error is why a call that concerns several processes failed.
type Error struct {
	Op    string // the function, such as "AllReduce"
	Rank  int    // this process in the group, or -1
	Size  int    // of the group, 0 if there is none
	Group string // its description, "" for the default group
	Peer  string // the process at the other end, such as "rank 2 (host 10.0.0.7, process 411)", or ""
	// Missing are the processes that did not take part before the time was over, as Peer.
	Missing []string
	Err     error
}

// Error returns all that is known.
func (e *Error) Error() string {
	text := "distributed." + e.Op
	if e.Size > 0 {
		text += fmt.Sprintf(" on rank %d of %d", e.Rank, e.Size)
	}
	if e.Group != "" {
		text += " in group " + e.Group
	}
	return text + ": " + plainText(e.Err) + e.about()
}

// about says which other processes it is about.
func (e *Error) about() (text string) {
	if e.Peer != "" {
		text += "\n  at the other end: " + e.Peer
	}
	if len(e.Missing) > 0 {
		text += "\n  did not take part: " + strings.Join(e.Missing, ", ")
	}
	return text
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Timeout reports whether the time was over, so that [net.Error] and os.IsTimeout know
// it.
func (e *Error) Timeout() bool { return timeoutText.MatchString(plainText(e.Err)) }

var (
	timeoutText = regexp.MustCompile(`(?i)time[d ]*out|client socket has timed out`)
	sourceText  = regexp.MustCompile(`(?m)^\[(?:enforce fail at )?[^\]\s]*(?:gloo|c10d)[^\]\s]*:\d+\] `)
)

// plainText is the message of an error without what libtorch's C++ adds for its authors.
func plainText(err error) string {
	var e *torch.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	text, _, _ := strings.Cut(sourceText.ReplaceAllString(e.Message, ""), " GLHF!")
	return text
}

// fail returns err as an Error of a function of the group.
func (g *ProcessGroup) fail(op string, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Op: op, Rank: -1, Err: err}
	if g != nil {
		e.Rank, e.Size, e.Group = g.rank, len(g.ranks), g.description
		g.inquire(e)
	}
	e.adopt(err)
	return e
}

// adopt takes over which processes an Error within this one is about, where nothing better
// is known.
func (e *Error) adopt(err error) {
	var inner *Error
	if errors.As(err, &inner) && e.Peer == "" && len(e.Missing) == 0 {
		e.Peer, e.Missing = inner.Peer, inner.Missing
	}
}

// WrapError returns err, of a function op that concerns the group's processes, as an [Error]
// that names this rank and, where it can be told, the one at the other end. It is for
// packages that call libtorch's operators on the group, and tell it of success, too: then
// all processes were there.
func (g *ProcessGroup) WrapError(op string, err error) error {
	if err == nil && g != nil {
		g.peers.learn()
	}
	return g.fail(op, err)
}

// refusal returns the error of an argument.
func refusal(kind torch.ErrorKind, format string, args ...any) error {
	return torch.Errorf("", kind, format, args...)
}
