package cgotorch_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// stranger is a user and a group that the tests do not run as.
const stranger = 54321

// Code that others may have put there is passed over, and the error says why.
func TestTrust(t *testing.T) {
	own := func(path string, uid, gid int) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			if os.Geteuid() != 0 {
				t.Skip("only root can give files away")
			}
			require.NoError(t, os.Lchown(filepath.Join(dir, path), uid, gid))
		}
	}
	mode := func(path string, mode fs.FileMode) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { require.NoError(t, os.Chmod(filepath.Join(dir, path), mode)) }
	}
	both := func(first, second func(t *testing.T, dir string)) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { first(t, dir); second(t, dir) }
	}
	const x = "cache/libtorch-x"
	shimName := shimOf(x)
	strangers := " belongs to user " + strconv.Itoa(stranger)
	for name, c := range map[string]struct {
		change func(t *testing.T, dir string)
		why    string // DIR stands for the folder; "" where it is used
	}{
		"nothing":                      {mode(x, 0o755), ""},
		"only the user's":              {both(mode(x, 0o700), mode(shimName, 0o600)), ""},
		"the cache":                    {own("cache", stranger, stranger), "DIR/cache" + strangers},
		"the cache for everybody":      {mode("cache", 0o777), "everybody may write DIR/cache"},
		"the cache, like /tmp":         {mode("cache", fs.ModeSticky|0o777), "everybody may write DIR/cache"},
		"the folder":                   {own(x, stranger, 0), "DIR/" + x + strangers},
		"the folder for everybody":     {mode(x, 0o757), "everybody may write DIR/" + x},
		"the shims":                    {own(x+"/shim", stranger, 0), "DIR/" + x + "/shim" + strangers},
		"the shims for everybody":      {mode(x+"/shim", fs.ModeSticky|0o777), "everybody may write DIR/" + x + "/shim"},
		"the shim":                     {own(shimName, stranger, 0), "DIR/" + shimName + strangers},
		"the shim for everybody":       {mode(shimName, 0o666), "everybody may write DIR/" + shimName},
		"the libraries":                {own(x+"/lib", stranger, 0), "DIR/" + x + "/lib" + strangers},
		"a library":                    {own(x+"/lib/libtorch_cpu.so", stranger, 0), "DIR/" + x + "/lib/libtorch_cpu.so" + strangers},
		"a library for everybody":      {mode(x+"/lib/libtorch_cpu.so", 0o666), "everybody may write DIR/" + x + "/lib/libtorch_cpu.so"},
		"the stubs":                    {own(x+"/stubs", stranger, 0), "DIR/" + x + "/stubs" + strangers},
		"a stub":                       {own(x+"/stubs/libtorch.so", stranger, 0), "DIR/" + x + "/stubs/libtorch.so" + strangers},
		"a stub for everybody":         {mode(x+"/stubs/libtorch.so", 0o666), "everybody may write DIR/" + x + "/stubs/libtorch.so"},
		"a group":                      {both(own(x, 0, stranger), mode(x, 0o775)), "group 54321 may write DIR/" + x},
		"a group that may only read":   {both(own(x, 0, stranger), mode(x, 0o755)), ""},
		"the user's own group":         {both(own(x, 0, 0), mode(x, 0o775)), ""},
		"a folder above for everybody": {mode("", 0o777), "everybody may write DIR"},
		"a folder above, like /tmp":    {mode("", fs.ModeSticky|0o777), ""},
		"a link to a stranger's": {func(t *testing.T, dir string) {
			require.NoError(t, os.Rename(filepath.Join(dir, x, "lib"), filepath.Join(dir, "lib")))
			require.NoError(t, os.Symlink("../../lib", filepath.Join(dir, x, "lib")))
			own("lib/libtorch_cpu.so", stranger, 0)(t, dir)
		}, "DIR/" + x + "/lib/libtorch_cpu.so" + strangers},
		"a link into a folder for everybody": {func(t *testing.T, dir string) {
			require.NoError(t, os.Mkdir(filepath.Join(dir, "open"), 0o755))
			require.NoError(t, os.Rename(filepath.Join(dir, x, "lib"), filepath.Join(dir, "open", "lib")))
			require.NoError(t, os.Symlink("../../open/lib", filepath.Join(dir, x, "lib")))
			mode("open", 0o777)(t, dir)
		}, "everybody may write DIR/open"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			require.NoError(t, err)
			path := shimOf(filepath.Join(dir, x))
			stub(t, path)
			stub(t, filepath.Join(dir, x, "lib", "libtorch_cpu.so"))
			stub(t, filepath.Join(dir, x, "stubs", "libtorch.so"))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "cache", "current"), []byte("libtorch-x\n"), 0o644))
			t.Setenv("GOTORCH_CACHE", filepath.Join(dir, "cache"))
			t.Setenv("GOTORCH_LIBTORCH", "")
			c.change(t, dir)
			found, err := cgotorch.Find()
			if c.why == "" {
				require.NoError(t, err)
				assert.Equal(t, path, found.Shim)
				return
			}
			assert.ErrorContains(t, err, dir+"/"+x+" (the user's cache): it is passed over, as its code may be somebody else's: "+
				strings.Replace(c.why, "DIR", dir, 1)+"; mend that, or set $GOTORCH_LIBTORCH to the folder to trust it\n")

			// Who names it trusts it.
			t.Setenv("GOTORCH_LIBTORCH", filepath.Join(dir, x))
			found, err = cgotorch.Find()
			require.NoError(t, err)
			assert.Equal(t, path, found.Shim)
		})
	}
}

// plant makes a shim that says PLANTED when it is loaded.
func plant(t *testing.T, path string, user int) {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler to make code with that somebody else could have put there")
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	compile := exec.Command(cc, "-shared", "-fPIC", "-o", path, "-x", "c", "-")
	compile.Stdin = strings.NewReader(`#include <unistd.h>
__attribute__((constructor)) static void run(void) { if (write(1, "PLANTED", 7)) return; }`)
	out, err := compile.CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, os.Chown(path, user, -1))
}

// program copies this test's program. What it is told to load TestMain loads.
func program(t *testing.T, path string, mode fs.FileMode) *exec.Cmd {
	t.Helper()
	command := copied(t, os.Args[0], path, mode)
	command.Args = append(command.Args, "-test.run=^$")
	command.Env = append(os.Environ(), "GOTORCH_LIBTORCH=", "GOTORCH_CACHE="+t.TempDir())
	return command
}

// copied copies a program.
func copied(t *testing.T, from, path string, mode fs.FileMode) *exec.Cmd {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, content, 0o755))
	require.NoError(t, os.Chmod(path, mode))
	return exec.Command(path)
}

func which(t *testing.T, name string) string {
	path, err := exec.LookPath(name)
	require.NoError(t, err)
	return path
}

// Code beside the executable runs if nobody else can have put it there.
func TestTrustBesideExecutable(t *testing.T) {
	for name, c := range map[string]struct {
		mode fs.FileMode // the folder's
		user int         // the shim's
		why  string
	}{
		"the user's":              {0o755, os.Geteuid(), ""},
		"a stranger's":            {0o755, stranger, "libtorch/shim/libcgotorch-" + cgotorch.ShimID() + ".so belongs to user 54321"},
		"a folder for everybody":  {0o777, os.Geteuid(), "everybody may write "},
		"a folder that is sticky": {fs.ModeSticky | 0o777, os.Geteuid(), "everybody may write "},
	} {
		t.Run(name, func(t *testing.T) {
			if c.user != os.Geteuid() && os.Geteuid() != 0 {
				t.Skip("only root can give files away")
			}
			dir := filepath.Join(t.TempDir(), "programs")
			plant(t, shimOf(filepath.Join(dir, "libtorch")), c.user)
			command := program(t, filepath.Join(dir, "program"), 0o755)
			require.NoError(t, os.Chmod(dir, c.mode))
			out, err := command.CombinedOutput()
			assert.Error(t, err)
			if c.why == "" {
				assert.Contains(t, string(out), "PLANTED")
				return
			}
			assert.NotContains(t, string(out), "PLANTED")
			assert.Contains(t, string(out), "(beside the executable): it is passed over, as its code may be somebody else's: ")
			assert.Contains(t, string(out), c.why)
		})
	}
}

// Whoever starts a program that runs as another user does not choose its code.
func TestTrustSetUserID(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can start programs as other users")
	}
	dir, err := os.MkdirTemp("", "cgotorch-") // not of the user's own, as t.TempDir's are
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	asStranger := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stranger, Gid: 0}}
	id := copied(t, which(t, "id"), filepath.Join(dir, "id"), fs.ModeSetuid|0o755)
	id.Args = append(id.Args, "-u")
	id.SysProcAttr = asStranger
	if out, err := id.CombinedOutput(); err != nil || string(out) != "0\n" {
		t.Skipf("no program runs as its owner here: %s, %v", out, err)
	}
	libtorch := filepath.Join(dir, "libtorch")
	plant(t, shimOf(libtorch), stranger)
	for name, mode := range map[string]fs.FileMode{"plain": 0o755, "set": fs.ModeSetuid | 0o755} {
		command := program(t, filepath.Join(dir, name), mode)
		command.Env = append(command.Env, "GOTORCH_LIBTORCH="+libtorch)
		command.SysProcAttr = asStranger
		out, err := command.CombinedOutput()
		assert.Error(t, err)
		if mode&fs.ModeSetuid == 0 {
			assert.Contains(t, string(out), "PLANTED")
		} else {
			assert.NotContains(t, string(out), "PLANTED")
			assert.Contains(t, string(out), shimOf(libtorch)+" belongs to user 54321")
		}
	}
}
