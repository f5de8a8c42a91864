package main

import (
	"fmt"
	"io"
	"strings"
)

// State is how a check came out.
type State int

// The states of a check, from good to bad.
const (
	OK    State = iota
	Note        // worth knowing, and no fault
	Wrong       // programs will not work, or not as installed
)

func (s State) String() string { return [...]string{"ok", "note", "WRONG"}[s] }

// Check is one thing that the doctor looked at.
type Check struct {
	Name   string
	State  State
	Detail string // what was seen
	Fix    string // the command or the step that mends it, or ""
}

// printChecks writes a line for each check, and one for each fix.
func printChecks(w io.Writer, checks []Check) {
	for _, c := range checks {
		detail := strings.ReplaceAll(c.Detail, "\n", "\n"+strings.Repeat(" ", 21))
		fmt.Fprintf(w, "%-5s  %-12s  %s\n", c.State, c.Name, detail)
		if c.Fix != "" {
			fmt.Fprintf(w, "%21sto mend it: %s\n", "", c.Fix)
		}
	}
}

// worst returns the worst state among checks.
func worst(checks []Check) State {
	state := OK
	for _, c := range checks {
		state = max(state, c.State)
	}
	return state
}
