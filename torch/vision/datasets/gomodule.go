package datasets

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
)

// goModule is a Go module that carries files. The go command fetches it, and checks
// it against Go's checksum database.
type goModule struct {
	path   string // with the version
	folder string // within the module
	run    func(ctx context.Context, args ...string) (stdout, stderr []byte, err error)
}

// moduleTimeout is how long the go command may take.
const moduleTimeout = 5 * time.Minute

// get copies a file from the module to a folder.
func (m *goModule) get(ctx context.Context, f file, dir string) (*array, error) {
	ctx, cancel := context.WithTimeout(ctx, moduleTimeout)
	defer cancel()
	stdout, stderr, err := m.run(ctx, "mod", "download", "-json", m.path)
	var module struct{ Dir, Error string }
	switch parsed := json.Unmarshal(stdout, &module); {
	case module.Error != "":
		return nil, fmt.Errorf("go mod download: %s", module.Error)
	case err != nil:
		return nil, fmt.Errorf("go mod download: %w %s", err, bytes.TrimSpace(stderr))
	case parsed != nil:
		return nil, fmt.Errorf("go mod download: its answer is not JSON: %w", parsed)
	}
	packed, err := os.ReadFile(filepath.Join(module.Dir, m.folder, f.name))
	if err != nil {
		return nil, err
	}
	content, err := f.check(bytes.NewReader(packed), true)
	if err != nil {
		return nil, fmt.Errorf("%s in the Go module: %w", f.name, err)
	}
	return content, atomicfile.Write(filepath.Join(dir, f.name), func(w io.Writer) error {
		_, err := w.Write(packed)
		return err
	})
}

// runGo runs the go command where no go.mod or go.work has a say.
func runGo(ctx context.Context, args ...string) (stdout, stderr []byte, err error) {
	dir, err := os.MkdirTemp("", "gotorch")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.Bytes(), errs.Bytes(), err
}
