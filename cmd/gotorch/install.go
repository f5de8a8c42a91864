package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/scripts"
)

// runInstall passes its arguments to the installer.
func runInstall(arguments []string, stdout, stderr io.Writer) int {
	status, err := install(arguments, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "gotorch install:", err)
		return 1
	}
	return status
}

// install writes the installer and the shim's sources, which this program
// carries, to a temporary folder and runs it. It returns the exit status.
func install(arguments []string, stdout, stderr io.Writer) (int, error) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		return 0, errors.New("the installer needs bash, and there is none in $PATH")
	}
	folder, err := os.MkdirTemp("", "gotorch-install-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	shim := filepath.Join(folder, "shim")
	if err := writeFiles(folder, scripts.Installer()); err != nil {
		return 0, err
	}
	if err := writeFiles(shim, cgotorch.ShimSources()); err != nil {
		return 0, err
	}
	script := filepath.Join(folder, scripts.InstallerName)
	// The caller's --shim-src, if there is one, comes later and wins.
	cmd := exec.Command(bash, append([]string{script, "--shim-src", shim}, arguments...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	return runForwarding(cmd)
}

// runForwarding runs a command, passes on the signals that would end this
// process, and returns the exit status.
func runForwarding(cmd *exec.Cmd) (int, error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s) // it may have ended already
		case err := <-done:
			var exit *exec.ExitError
			if errors.As(err, &exit) && exit.Exited() {
				return exit.ExitCode(), nil
			}
			return 0, err
		}
	}
}

// writeFiles copies the files of a flat file system to a folder, which it makes.
func writeFiles(folder string, files fs.FS) error {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, entry := range entries {
		data, err := fs.ReadFile(files, entry.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, entry.Name()), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
