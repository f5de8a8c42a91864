package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestMain(m *testing.M) {
	switch os.Getenv(modeVariable) { // this is a process of a start
	case "sleeps":
		time.Sleep(time.Hour)
	case "ends well":
		time.Sleep(300 * time.Millisecond) // the others have begun
	default:
		os.Exit(m.Run())
	}
}

// TestFailureEndsTheOthers has a start that does not fail as it should, while others run.
func TestFailureEndsTheOthers(t *testing.T) {
	var kinds []wrong
	for _, mode := range []string{"sleeps", "sleeps", "ends well"} {
		kinds = append(kinds, wrong{mode, func(s *start) []program {
			s.mode = mode
			return []program{{}, {}}
		}, ""})
	}
	begin := time.Now()
	err := startWrongly(t.Context(), rand.New(rand.NewPCG(1, 0)), "", kinds, 6)
	assert.ErrorContains(t, err, "start 2, ends well: one ended well")
	assert.Less(t, time.Since(begin), time.Minute)
	for number := range kinds {
		assert.Empty(t, leftBehind(fmt.Sprintf("%s=%d-%d", idVariable, os.Getpid(), number)))
	}
}
