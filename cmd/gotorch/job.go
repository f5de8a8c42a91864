package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// job is several processes of one program, on one machine or on several, which find each
// other by the environment. Each machine, a node of the job, has a launcher, which is this
// program; that of node 0 has a coordinator, too.
type job struct {
	processes   int // of this node
	nodes       int
	node        int           // this one
	meeting     string        // host and port of the coordinator; "" where there is one node
	name        string        // which all nodes give
	maxRestarts int           // how often the job may begin again
	port        int           // at which the processes find each other; 0 is a free one
	patience    time.Duration // how long processes have to end when they are told to
	joining     time.Duration // how long nodes have to join
	silence     time.Duration // after which a launcher that says nothing is gone
	program     []string
	lock        sync.Mutex // held to write to these
	stdout      io.Writer
	stderr      io.Writer
	signals     chan os.Signal
}

const jobUsage = `Usage: gotorch run [options] [--] program [arguments]

Runs a program in several processes, which package torch/distributed makes a group
of, with the environment that torchrun gives: RANK, LOCAL_RANK, WORLD_SIZE,
MASTER_ADDR, MASTER_PORT and others. Lines that they print begin with their ranks.
When one fails the others are ended, and what it printed last is shown. The exit
status is that of the process that failed first.

On several machines run it on each, with the same -nnodes and -rdzv and a -node-rank
of its own:

  gotorch run -nnodes 2 -node-rank 0 -rdzv 10.0.0.1:29400 -nproc 8 -- program
  gotorch run -nnodes 2 -node-rank 1 -rdzv 10.0.0.1:29400 -nproc 8 -- program

-rdzv is where node 0 is. Whoever can reach that port can join the job, so it should
be open to its machines alone.

`

func runJob(arguments []string, stdout, stderr io.Writer) int {
	const silence = 30 * time.Second
	j := &job{silence: silence, stdout: stdout, stderr: stderr, signals: make(chan os.Signal, 1)}
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&j.processes, "nproc", 1, "how many processes on this machine")
	flags.IntVar(&j.nodes, "nnodes", 1, "how many machines")
	flags.IntVar(&j.node, "node-rank", -1, "which of the machines this one is, from 0 on")
	flags.StringVar(&j.meeting, "rdzv", "", "the `host:port` of machine 0 at which the launchers find each other")
	flags.StringVar(&j.name, "rdzv-id", "", "a `name` of the job: launchers of another one are refused")
	flags.DurationVar(&j.joining, "rdzv-timeout", 10*time.Minute, "how long to wait for all machines")
	flags.IntVar(&j.maxRestarts, "max-restarts", 0, "how often to begin again when a process or a machine has failed; each time all begin again")
	flags.IntVar(&j.port, "master-port", 0, "the port at which the processes find each other (default: a free one)")
	flags.DurationVar(&j.patience, "patience", 10*time.Second, "how long processes have to end when another one has failed")
	flags.Usage = func() {
		fmt.Fprint(stderr, jobUsage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	j.program = flags.Args()
	if err := j.check(); err != nil {
		fmt.Fprintln(stderr, "gotorch run:", err)
		return 2
	}
	signal.Notify(j.signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(j.signals)
	return j.run()
}

// check says what is wrong with the options.
func (j *job) check() error {
	switch {
	case len(j.program) == 0 || j.processes < 1 || j.maxRestarts < 0:
		return errors.New("want a program, at least one process, and no negative number of restarts")
	case j.nodes < 1:
		return fmt.Errorf("-nnodes is %d, want 1 or more", j.nodes)
	case j.nodes == 1 && j.node <= 0 && j.meeting == "":
		j.node = 0
		return nil
	case j.nodes == 1:
		return errors.New("-rdzv and -node-rank are for several machines: -nnodes is missing, or 1")
	case j.node < 0 || j.node >= j.nodes:
		return fmt.Errorf("-node-rank must be one of 0 to %d, since there are %d machines", j.nodes-1, j.nodes)
	}
	if host, port, err := net.SplitHostPort(j.meeting); err != nil || host == "" || port == "" || port == "0" {
		return fmt.Errorf("-rdzv is %q, want host:port of machine 0, the same on all machines", j.meeting)
	}
	return nil
}

// run runs this node's part of the job, and returns the exit status.
func (j *job) run() int {
	conn, wait, err := j.connect()
	if err != nil {
		fmt.Fprintln(j.stderr, "gotorch run:", err)
		return 1
	}
	defer wait()
	defer conn.Close()
	return newNode(j, conn).follow()
}

// connect returns the way to the coordinator, which it begins on node 0, and what waits
// for its end then.
func (j *job) connect() (conn net.Conn, wait func(), err error) {
	if j.node > 0 {
		conn, err = j.dial()
		return conn, func() {}, err
	}
	var listener net.Listener
	if j.nodes > 1 {
		_, port, _ := net.SplitHostPort(j.meeting) // check has looked at it
		if listener, err = net.Listen("tcp", ":"+port); err != nil {
			return nil, nil, fmt.Errorf("waiting for the other machines: %w", err)
		}
	}
	near, far := net.Pipe()
	var group sync.WaitGroup
	group.Go(func() { newCoordinator(j, listener).run(far) })
	return near, group.Wait, nil
}

// dial reaches the coordinator, which may begin later.
func (j *job) dial() (net.Conn, error) {
	const between, each = 200 * time.Millisecond, 5 * time.Second
	deadline := time.After(j.joining)
	for {
		conn, err := net.DialTimeout("tcp", j.meeting, min(each, j.joining))
		if err == nil {
			return conn, nil
		}
		select {
		case <-time.After(between):
		case s := <-j.signals:
			return nil, fmt.Errorf("%v", s)
		case <-deadline:
			return nil, fmt.Errorf("the launcher with -node-rank 0 does not answer at %s for %v: %w", j.meeting, j.joining, err)
		}
	}
}
