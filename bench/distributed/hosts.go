package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// hosts are network namespaces of this machine, with a network between them that this
// process is: it takes what one sends and gives it to another later. So it needs neither
// the kernel's netem, which many lack, nor a bridge.
type hosts struct {
	names   []string
	devices []*os.File
	latency time.Duration // one way
	rate    float64       // bytes a second that a host can send
}

// newHosts needs root, the command ip, and /dev/net/tun where there are several hosts.
func newHosts(n int, latency time.Duration, rate float64) (h *hosts, err error) {
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("network namespaces need root")
	}
	h = &hosts{latency: latency, rate: rate}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	for i := range n {
		name := fmt.Sprintf("gotorch-bench-%d-%d", os.Getpid(), i)
		if err := ip("netns", "add", name); err != nil {
			return h, err
		}
		h.names = append(h.names, name)
		if err := ip("-n", name, "link", "set", "lo", "up"); err != nil {
			return h, err
		}
		if n == 1 {
			return h, nil
		}
		device, err := openDevice(name)
		if err != nil {
			return h, fmt.Errorf("a network device for %s, which needs /dev/net/tun: %w", name, err)
		}
		h.devices = append(h.devices, device)
		if err := ip("-n", name, "address", "add", h.address(i)+"/24", "dev", deviceName); err != nil {
			return h, err
		}
		if err := ip("-n", name, "link", "set", deviceName, "mtu", fmt.Sprint(mtu), "up"); err != nil {
			return h, err
		}
	}
	for i := range h.devices {
		go h.carry(i)
	}
	return h, nil
}

const (
	deviceName = "eth0"
	mtu        = 9000
)

func (h *hosts) address(i int) string { return fmt.Sprintf("10.77.0.%d", i+1) }

// command returns the command that runs a program on a host.
func (h *hosts) command(ctx context.Context, i int, program ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", h.names[i]}, program...)...)
}

func (h *hosts) close() {
	for _, device := range h.devices {
		device.Close()
	}
	for _, name := range h.names {
		if err := ip("netns", "delete", name); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}

func ip(arguments ...string) error {
	if output, err := exec.Command("ip", arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(arguments, " "), err, output)
	}
	return nil
}

// packet is one on its way.
type packet struct {
	data []byte
	to   int
	due  time.Time
}

// carry takes what a host sends. Its line is busy while it sends, and what it has sent
// arrives after the latency.
func (h *hosts) carry(from int) {
	const queue = 1 << 14
	way := make(chan packet, queue)
	go func() {
		for p := range way {
			time.Sleep(time.Until(p.due))
			_, _ = h.devices[p.to].Write(p.data) // the other end may be closed
		}
	}()
	defer close(way)
	free := time.Now()
	buffer := make([]byte, mtu+100)
	for {
		n, err := h.devices[from].Read(buffer)
		if err != nil {
			return
		}
		const version4, header, destination = 4, 20, 19
		if n < header || buffer[0]>>4 != version4 {
			continue
		}
		to := int(buffer[destination]) - 1
		if to < 0 || to >= len(h.devices) {
			continue
		}
		if now := time.Now(); free.Before(now) {
			free = now
		}
		free = free.Add(time.Duration(float64(n) / h.rate * float64(time.Second)))
		select {
		case way <- packet{append([]byte(nil), buffer[:n]...), to, free.Add(h.latency)}:
		default: // it is lost, as in a router that is full
		}
	}
}
