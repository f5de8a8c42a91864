package robust

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
)

// children are what child processes do, by name. Each runs on the main goroutine of
// a process in which nothing has loaded libtorch yet.
var children = map[string]func(){}

const childVariable = "GOTORCH_TEST_CHILD"

func TestMain(m *testing.M) {
	name := os.Getenv(childVariable)
	if name == "" {
		os.Exit(m.Run())
	}
	children[name]()
	fmt.Println("survived")
}

// survives runs a child, by way of another command if one is given. The test ends if
// the child crashes or fails.
func survives(t *testing.T, name string, wrapper ...string) {
	t.Helper()
	require.Contains(t, children, name)
	executable, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	command := slices.Concat(wrapper, []string{executable})
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), childVariable+"="+name)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	text := out.String()
	if len(text) > 4000 {
		text = text[:2000] + "\n...\n" + text[len(text)-2000:]
	}
	require.NoError(t, err, "%s", text)
	require.Contains(t, out.String(), "survived\n", "the child ended early")
}

// expect ends a child with a message unless got is want.
func expect(what string, got, want any) {
	if !assert.ObjectsAreEqual(want, got) {
		fmt.Printf("%s: got %v, want %v\n", what, got, want)
		os.Exit(1)
	}
}

// expectError ends a child unless f panics with a *torch.Error of the kind that has
// the words.
func expectError(kind torch.ErrorKind, words string, f func()) {
	err := torch.Try(f)
	e, ok := err.(*torch.Error) //nolint:errorlint // it must be that one
	if !ok || e.Kind != kind || !strings.Contains(e.Error(), words) {
		fmt.Printf("got %#v, want kind %d and %q\n", err, kind, words)
		os.Exit(1)
	}
}

// liveBytes is how many bytes of native memory tensors have; frees are batched, so it
// settles after they are gone.
func liveBytes() int { return int(cgotorch.LiveBytes()) }
