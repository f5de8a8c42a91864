//go:build linux

package scripts

import (
	"archive/zip"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stranger is a user and a group that the tests do not run as.
const stranger = 54321

// A member is one of an archive, of some type.
type member struct {
	name, content string
	mode          fs.FileMode
}

// Members that an archive has no business to have, and what is said of them.
var strangeMembers = map[string]struct {
	member
	why string
}{
	"out of the folder":      {member{"torch/include/../../../../escaped", "x", 0o644}, "leads out of its folder"},
	"out with a backslash":   {member{`torch/include/..\..\escaped`, "x", 0o644}, "leads out of its folder"},
	"an absolute path":       {member{"/torch/include/escaped", "x", 0o644}, "leads out of its folder"},
	"a link":                 {member{"torch/include/link", "/etc", fs.ModeSymlink | 0o777}, "is no file, but a link or a device"},
	"a library that is one":  {member{"torch/lib/libextra.so", "/lib/libc.so.6", fs.ModeSymlink | 0o777}, "is no file, but a link or a device"},
	"a device":               {member{"torch/include/device", "", fs.ModeDevice | 0o666}, "is no file, but a link or a device"},
	"a pipe nobody asks for": {member{"elsewhere/pipe", "", fs.ModeNamedPipe | 0o666}, "is no file, but a link or a device"},
}

// add appends a member to an archive.
func (s member) add(t *testing.T, path string) {
	t.Helper()
	old, err := zip.OpenReader(path)
	require.NoError(t, err)
	defer old.Close()
	file, err := os.Create(path + ".new")
	require.NoError(t, err)
	archive := zip.NewWriter(file)
	for _, f := range old.File {
		require.NoError(t, archive.Copy(f))
	}
	header := zip.FileHeader{Name: s.name}
	header.SetMode(s.mode)
	w, err := archive.CreateHeader(&header)
	require.NoError(t, err)
	_, err = w.Write([]byte(s.content))
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	require.NoError(t, file.Close())
	require.NoError(t, os.Rename(path+".new", path))
}

// escaped fails if a file of that name is anywhere in the test's folder.
func (m *testMachine) escaped() {
	m.t.Helper()
	require.NoError(m.t, filepath.WalkDir(m.dir, func(path string, entry fs.DirEntry, err error) error {
		assert.NotEqual(m.t, "escaped", filepath.Base(path), path)
		return err
	}))
}

func TestStrangeMembersAreRefused(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for name, c := range strangeMembers {
		for _, variant := range []string{"cpu", "cuda", "whole"} {
			archive := filepath.Join(m.dir, "archive")
			m.write(archive, m.file(filepath.Join(wheels(t), "nvidia_cublas-13.4.0-py3-none-manylinux_2_28_"+machineName()+".whl")))
			c.add(t, archive)
			cmd := exec.Command("python3", "unpack_wheels.py", variant, filepath.Join(m.dir, "deep", "er", "folder"), archive)
			out, err := cmd.CombinedOutput()
			assert.EqualError(t, err, "exit status 1", name)
			assert.Contains(t, string(out), c.why, name)
			assert.NoDirExists(t, filepath.Join(m.dir, "deep"), name)
			m.escaped()
		}
	}
}

// As if an index had served it to --no-verify.
func TestStrangeWheelIsNotInstalled(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	folder := filepath.Join(m.dir, "wheels")
	require.NoError(t, os.Mkdir(folder, 0o755))
	wheel(t, folder, "torch", "2.15.0", "cp311-cp311", torchFiles(t, "2.15.0"))
	found, err := filepath.Glob(filepath.Join(folder, "*.whl"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	strangeMembers["out of the folder"].add(t, found[0])
	m.downloaded()
	m.pins(strings.NewReplacer(m.digest("torch-2.15.0"), digestOf(t, found[0])))
	m.write(filepath.Join(m.cache, "downloads", digestOf(t, found[0]), filepath.Base(found[0])), m.file(found[0]))
	out := m.fails()
	assert.Contains(t, out, "the wheels could not be unpacked:")
	assert.Contains(t, out, "leads out of its folder")
	m.nothingInstalled()
	m.escaped()
	assert.Empty(t, m.temporary())
}

func TestStrangeZipIsNotInstalled(t *testing.T) {
	for _, name := range []string{"out of the folder", "a link"} {
		for _, hidden := range [][]string{nil, {"python3", "python"}} {
			t.Run(name+" without "+strings.Join(hidden, ", "), func(t *testing.T) {
				t.Parallel()
				if _, err := exec.LookPath("unzip"); err != nil && hidden != nil {
					t.Skip("unzip is not installed")
				}
				m := newMachine(t)
				m.libtorchFolder("given")
				archive := filepath.Join(m.dir, "libtorch.zip")
				zipFolder(t, filepath.Join(m.dir, "given"), "libtorch", archive)
				strangeMembers[name].add(t, archive)
				m.hide(hidden...)
				out := m.fails("--libtorch", archive)
				if hidden == nil {
					assert.Contains(t, out, "could not be unpacked")
					assert.Contains(t, out, strangeMembers[name].why)
				} else {
					assert.Contains(t, out, archive+" has members that lead out of its folder, or are no files:")
				}
				m.nothingInstalled()
				m.escaped()
			})
		}
	}
}

// file returns a file's content.
func (m *testMachine) file(path string) string {
	data, err := os.ReadFile(path)
	require.NoError(m.t, err)
	return string(data)
}

// without runs the installer without some variables; it must fail.
func (m *testMachine) without(variables ...string) string {
	m.t.Helper()
	cmd := m.command("--print", "--cpu")
	for _, name := range variables {
		var left []string
		for _, variable := range cmd.Env {
			if !strings.HasPrefix(variable, name+"=") {
				left = append(left, variable)
			}
		}
		cmd.Env = left
	}
	out, err := cmd.CombinedOutput()
	require.Error(m.t, err, string(out))
	return string(out)
}

func TestNoHome(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	out := m.without("HOME", "XDG_CACHE_HOME", "GOTORCH_CACHE")
	assert.Contains(t, out, "there is no cache folder, as $HOME is not set\n  set it, or name a folder with --prefix or $GOTORCH_CACHE\n")
	assert.NotContains(t, out, "unbound variable")
	m.environment = append(m.environment, "XDG_CACHE_HOME=cache")
	assert.Contains(t, m.without("GOTORCH_CACHE"), "$XDG_CACHE_HOME is not an absolute path: cache\n  set it, or name a folder with ")
}

func TestCurrentThatCannotBeRead(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.downloaded()
	m.ok()
	current := filepath.Join(m.cache, "current")
	require.NoError(t, os.Remove(current))
	require.NoError(t, os.Mkdir(current, 0o755))
	for _, arguments := range [][]string{nil, {"--shim-only"}, {"--force"}} {
		out := m.fails(arguments...)
		assert.Contains(t, out, current+" is a folder, and should be a file that names the installation in use\n  remove it, and run this again\n")
		assert.NotContains(t, out, "ready")
	}
	assert.Empty(t, m.list("current"))
	require.NoError(t, os.Remove(current))
	require.NoError(t, os.Symlink("current", current))
	out := m.fails("--shim-only")
	assert.Contains(t, out, "Too many levels of symbolic links")
	assert.Contains(t, out, current+" cannot be read, see above\n  mend that or remove it, and run this again\n")
	assert.NotContains(t, out, "no libtorch is installed")
}

// A shim that was damaged, or never written whole, is built again.
func TestShimIsBuiltAgainWhenDamaged(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.downloaded()
	m.ok()
	found, err := filepath.Glob(filepath.Join(m.cache, "libtorch-2.15.0-cpu/shim/*.so"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	shim := found[0]
	for name, damage := range map[string]func() error{
		"cut off": func() error { return os.Truncate(shim, 4096) },
		"empty":   func() error { return os.Truncate(shim, 0) },
		"changed": func() error {
			content := []byte(m.file(shim))
			content[len(content)/2] ^= 1
			return os.WriteFile(shim, content, 0o755)
		},
		"no checksum": func() error { return os.Remove(shim + ".sha256") },
	} {
		require.NoError(t, damage(), name)
		out := m.ok()
		assert.Contains(t, out, "==> the shim is not as it was built: it is built again\n", name)
		assert.Contains(t, out, "building the shim", name)
		assert.NotContains(t, out, "fetching", name)
		m.wholeInstallation("libtorch-2.15.0-cpu")
		assert.Equal(t, digestOf(t, shim)+"\n", m.file(shim+".sha256"), name)
		assert.Equal(t, "==> ready: "+m.cache+"/libtorch-2.15.0-cpu\n", m.ok(), name)
	}
}

// What is put in place is on the disk before.
func TestFilesAreOnDisk(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.downloaded()
	log := filepath.Join(m.dir, "synced")
	m.tool("sync", `for name; do [[ -e $name ]] || exit 1; echo "${name##*/}"; done >>'`+log+`'`)
	m.ok()
	synced := strings.Fields(m.file(log))
	for _, name := range []string{"libtorch_cpu.so", "libc10.so", "lib", "libtorch.json", "shim.so", "shim.so.sha256", "shim", "cache"} {
		assert.Contains(t, synced, name)
	}
	assert.Contains(t, m.file(log), ".current-")
}

// Nobody but root runs apt, and sudo nobody.
func TestNobodyBecomesRoot(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	ran := filepath.Join(m.dir, "ran")
	for _, name := range []string{"sudo", "apt-get"} {
		m.tool(name, "echo "+name+" >>'"+ran+"'; [[ $1 != -n ]] || exit 0; exit 1")
	}
	m.tool("dpkg-query", "exit 1")
	m.tool("apt-cache", "echo '  Candidate: 1.13.1+dfsg-4'")
	m.environment = append(m.environment, "PIP_FIND_LINKS=")
	for _, arguments := range [][]string{nil, {"--source", "distro"}} {
		cmd := m.command(arguments...)
		m.asStranger(cmd)
		out, err := cmd.CombinedOutput()
		require.Error(t, err)
		assert.Contains(t, string(out), "it is not installed; run: sudo apt-get update && sudo apt-get install libtorch-dev\n")
		assert.NoFileExists(t, ran, string(out))
	}
}

// asStranger has a command run as a user who is not root, and who owns the test's
// folder.
func (m *testMachine) asStranger(cmd *exec.Cmd) {
	if os.Geteuid() != 0 {
		return
	}
	require.NoError(m.t, os.Chmod(filepath.Dir(m.dir), 0o755)) // t.TempDir's is for the tests' user only
	require.NoError(m.t, filepath.WalkDir(m.dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, stranger, stranger)
	}))
	cmd.Dir = m.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stranger, Gid: stranger}}
}

// Whatever the umask, only the user may write what is installed.
func TestNobodyElseMayWrite(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.downloaded()
	require.NoError(t, os.Chmod(m.cache, 0o755))
	cmd := m.command()
	cmd.Args = append([]string{"bash", "-c", `umask 0; exec "$@"`, "bash"}, cmd.Args...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, filepath.WalkDir(m.cache, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Type() != fs.ModeSymlink {
			assert.Zero(t, info.Mode()&0o022, path)
		}
		return err
	}))
}

// Where programs would take no code from, nothing is installed.
func TestCacheOfSomebodyElse(t *testing.T) {
	for name, c := range map[string]struct {
		user, group int
		mode        fs.FileMode
		why         string
	}{
		"a stranger's":        {stranger, 0, 0o755, " belongs to user 54321\n"},
		"everybody's":         {-1, -1, 0o777, "everybody may write "},
		"everybody's, sticky": {-1, -1, fs.ModeSticky | 0o777, "everybody may write "},
		"a group's":           {-1, stranger, 0o775, "group 54321 may write "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if os.Geteuid() != 0 && c.user+c.group != -2 {
				t.Skip("only root can give files away")
			}
			m := newMachine(t)
			require.NoError(t, os.Mkdir(m.cache, 0o755))
			require.NoError(t, os.Chown(m.cache, c.user, c.group))
			require.NoError(t, os.Chmod(m.cache, c.mode))
			out := m.fails()
			assert.Contains(t, out, c.why)
			assert.Contains(t, out, "mend that, or name another folder with --prefix or $GOTORCH_CACHE\n")
			assert.Empty(t, m.list("."))
		})
	}
}
