package main

import (
	"archive/tar"
	"compress/gzip"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/commandline"
)

const bundleUsage = `Usage: gotorch bundle [-o OUT | -o OUT.tar.gz] [-with FILE]... PROGRAM

Makes a folder, or an archive of it, with a program that uses gotorch and all that it needs: libtorch, the shim, and
the texts of their licences. It runs where it is put, with nothing installed or set, on a Linux of the same kind of
processor that has the C and C++ runtimes of GCC (libc, libstdc++, libgcc_s). -with adds a file or a folder beside the
program, such as a model. OUT is PROGRAM-bundle if it is not given, and may not be there.
`

// baseLibraries are those that a machine must have itself.
var baseLibraries = []string{"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1",
	"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libstdc++.so.6", "libgcc_s.so.1"}

// runBundle makes a bundle.
func runBundle(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("bundle", flag.ContinueOnError)
	b := bundle{load: loadElsewhere, log: stdout}
	flags.StringVar(&b.out, "o", "", "")
	flags.Func("with", "", func(path string) error { b.with = append(b.with, path); return nil })
	others, status, done := commandline.Line{Usage: bundleUsage, Arguments: arguments, Stdout: stdout, Stderr: stderr}.Parse(flags, commandline.One("want one PROGRAM, as \"go build\" makes it"))
	if done {
		return status
	}
	var err error
	b.program = others[0]
	if b.installation, err = cgotorch.Find(); err == nil {
		err = b.make()
	}
	if err != nil {
		fmt.Fprintf(stderr, "gotorch bundle: %v\n", err)
		return 1
	}
	return 0
}

// A bundle is a folder with a program and all that it needs.
type bundle struct {
	program, out string
	with         []string
	installation cgotorch.Installation
	load         func(env ...string) (loaded, error) // loads libtorch in another process
	log          io.Writer
}

const archiveEnd = ".tar.gz"

// make makes the bundle under another name, which becomes its own when it is complete.
func (b *bundle) make() error {
	if b.out == "" {
		b.out = filepath.Base(b.program) + "-bundle"
	}
	if _, err := os.Lstat(b.out); err == nil {
		return fmt.Errorf("%s is there already: remove it, or name another with -o", b.out)
	}
	if err := b.checkProgram(); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(b.out), ".bundle-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	dir := filepath.Join(tmp, strings.TrimSuffix(filepath.Base(b.out), archiveEnd))
	if err := b.fill(dir); err != nil {
		return err
	}
	if err := b.check(dir); err != nil {
		return err
	}
	made := dir
	if strings.HasSuffix(b.out, archiveEnd) {
		made = filepath.Join(tmp, "archive")
		if err := writeArchive(made, tmp, filepath.Base(dir)); err != nil {
			return err
		}
	}
	if err := os.Rename(made, b.out); err != nil {
		return err
	}
	if info, err := os.Stat(b.out); err == nil && !info.IsDir() {
		fmt.Fprintf(b.log, "%-10s %s\n", "archive", sizeOf(int(info.Size())))
	}
	fmt.Fprintf(b.log, "%s is ready: run %s in it\n", b.out, filepath.Base(b.program))
	return nil
}

// checkProgram refuses what is no program of this gotorch.
func (b *bundle) checkProgram() error {
	info, err := buildinfo.ReadFile(b.program)
	if err != nil {
		return fmt.Errorf("%s is no program that Go has built: %w", b.program, err)
	}
	if file, err := elf.Open(b.program); err != nil {
		return fmt.Errorf("%s is no program for Linux: %w", b.program, err)
	} else if err := file.Close(); err != nil {
		return err
	}
	data, err := os.ReadFile(b.program)
	if err != nil {
		return err
	}
	text := string(data)
	if !strings.Contains(text, module+"/cgotorch") {
		return fmt.Errorf("%s (of %s) does not use gotorch", b.program, info.Path)
	}
	// It carries the shim's sources, by which it finds the shim.
	sources := cgotorch.ShimSources()
	return fs.WalkDir(sources, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		source, err := fs.ReadFile(sources, path)
		if err == nil && !strings.Contains(text, string(source)) {
			err = fmt.Errorf("%s was built with another version of gotorch than this: build it again, and bundle it in its module, with: go run %s/cmd/gotorch bundle",
				b.program, module)
		}
		return err
	})
}

// fill copies all into the folder, and says how much.
func (b *bundle) fill(dir string) error {
	i := b.installation
	if info, err := os.Lstat(filepath.Join(i.Dir, "lib")); err != nil {
		return err
	} else if info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("the libtorch in %s is another's folder, and may need more than is in it: install one of gotorch's own, with: %s --source wheel",
			i.Dir, cgotorch.InstallCommand)
	}
	inside := filepath.Join(dir, "libtorch")
	parts := []struct{ what, from, to string }{
		{"program", b.program, filepath.Join(dir, filepath.Base(b.program))},
		{"libtorch", filepath.Join(i.Dir, "lib"), filepath.Join(inside, "lib")},
		{"manifest", filepath.Join(i.Dir, "libtorch.json"), filepath.Join(inside, "libtorch.json")},
		{"shim", i.Shim, filepath.Join(inside, "shim", filepath.Base(i.Shim))},
		{"stubs", filepath.Join(i.Dir, "stubs"), filepath.Join(inside, "stubs")},
		{"operators", filepath.Dir(i.Torchvision()), filepath.Join(inside, "torchvision")},
		{"licences", filepath.Join(i.Dir, "share", "licenses"), filepath.Join(inside, "licenses")},
	}
	for _, path := range b.with {
		parts = append(parts, struct{ what, from, to string }{"with", path, filepath.Join(dir, filepath.Base(path))})
	}
	for _, p := range parts {
		if (p.what == "stubs" || p.what == "operators") && !exists(p.from) {
			continue // a libtorch that has all libraries, or without torchvision's operators
		}
		if p.what == "licences" && !exists(p.from) {
			fmt.Fprintf(b.log, "%-10s none: this libtorch was installed without them; to give the bundle to others, install it again: %s\n", p.what, again)
			continue
		}
		bytes, err := copyAll(p.from, p.to)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.log, "%-10s %-10s %s\n", p.what, sizeOf(bytes), p.from)
	}
	return nil
}

// copyAll copies a file, or a folder with all that is in it, and returns how many bytes.
func copyAll(from, to string) (bytes int, err error) {
	err = filepath.Walk(from, func(path string, _ fs.FileInfo, err error) error {
		if err != nil {
			return err
		}
		within, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, within)
		info, err := os.Stat(path) // of what a link leads to
		if err != nil {
			return err
		}
		switch {
		case info.IsDir():
			return os.MkdirAll(target, 0o755)
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is neither a file nor a folder", path)
		}
		n, err := copyOne(path, target, info.Mode()&0o111 != 0)
		bytes += n
		return err
	})
	return bytes, err
}

func copyOne(from, to string, executable bool) (int, error) {
	mode := fs.FileMode(0o644)
	if executable {
		mode = 0o755
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return 0, err
	}
	source, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if errors.Is(err, fs.ErrExist) {
		return 0, fmt.Errorf("the bundle has a %s already", filepath.Base(to))
	} else if err != nil {
		return 0, err
	}
	n, err := io.Copy(target, source)
	return int(n), errors.Join(err, target.Close())
}

// check looks whether the folder has all that the machine need not have, says what that
// must have, and loads the libtorch in it.
func (b *bundle) check(dir string) error {
	inside := filepath.Join(dir, "libtorch")
	paths := []string{filepath.Join(dir, filepath.Base(b.program)), filepath.Join(inside, "shim", filepath.Base(b.installation.Shim))}
	for _, pattern := range []string{"lib/libtorch_cpu.so", "lib/libtorch_cuda.so", "stubs/*"} {
		found, _ := filepath.Glob(filepath.Join(inside, pattern)) // the pattern is right
		paths = append(paths, found...)
	}
	w := walker{seen: map[string]bool{}, system: map[string]bool{}, bare: true}
	for _, name := range baseLibraries {
		w.system[name] = true
	}
	for _, path := range paths {
		if err := w.visit(path, nil); err != nil {
			return err
		}
	}
	if len(w.missing) > 0 {
		return fmt.Errorf("the bundle lacks libraries that not every machine has: %s", strings.Join(w.missing, "; "))
	}
	newest, err := newestVersions(append(paths, filepath.Join(inside, "lib", "libc10.so"))...)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.log, "%-10s %s\n", "wants", strings.Join(newest, ", "))
	l, err := b.load(cgotorch.EnvLibtorch+"="+inside, "LD_LIBRARY_PATH=")
	if err != nil {
		return fmt.Errorf("the bundle's libtorch does not load: %w", err)
	}
	fmt.Fprintf(b.log, "%-10s its libtorch %s loads here\n", "checked", l.Version)
	return nil
}

// newestVersions returns the newest versions of the C and C++ runtimes that files want,
// such as "GLIBC_2.34".
func newestVersions(paths ...string) ([]string, error) {
	newest := map[string][]int{}
	for _, path := range paths {
		file, err := elf.Open(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		symbols, err := file.ImportedSymbols()
		file.Close()
		if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, s := range symbols {
			name, version, ok := strings.Cut(s.Version, "_")
			if numbers := versionNumbers(version); ok && numbers != nil && slices.Compare(numbers, newest[name]) > 0 {
				newest[name] = numbers
			}
		}
	}
	var list []string
	for _, name := range []string{"GLIBC", "GLIBCXX", "CXXABI", "GCC"} {
		if numbers := newest[name]; numbers != nil {
			list = append(list, name+"_"+strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", "."), "[]"))
		}
	}
	return list, nil
}

// versionNumbers returns the numbers of a version such as "2.34", or nil.
func versionNumbers(version string) []int {
	var numbers []int
	for part := range strings.SplitSeq(version, ".") {
		n := 0
		if _, err := fmt.Sscanf(part, "%d", &n); err != nil {
			return nil
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// writeArchive writes a folder within another as a .tar.gz.
func writeArchive(path, above, folder string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	zip := gzip.NewWriter(file)
	archive := tar.NewWriter(zip)
	err = filepath.Walk(filepath.Join(above, folder), func(path string, info fs.FileInfo, err error) error {
		if err != nil {
			return err
		}
		header, err := tar.FileInfoHeader(info, "")
		if err != nil {
			return err
		}
		if header.Name, err = filepath.Rel(above, path); err != nil {
			return err
		}
		header.Uid, header.Gid, header.Uname, header.Gname = 0, 0, "", ""
		if err := archive.WriteHeader(header); err != nil || info.IsDir() {
			return err
		}
		source, err := os.Open(path)
		if err != nil {
			return err
		}
		defer source.Close()
		_, err = io.Copy(archive, source)
		return err
	})
	return errors.Join(err, archive.Close(), zip.Close(), file.Close())
}
