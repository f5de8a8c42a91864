// Command rankchaos disturbs jobs of several processes, as machines and people do.
//
// It kills a rank of a training under gotorch run, again and again: the result must be
// that of a training that nobody disturbed, bit for bit. And it starts jobs wrongly: each
// must end with an error in time, and leave no process behind.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

func main() {
	if mode := os.Getenv(modeVariable); mode != "" {
		os.Exit(work(mode))
	}
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "what is done")
	kills := flag.Int("kills", 30, "how many ranks to kill")
	starts := flag.Int("starts", 200, "how many jobs to start wrongly")
	only := flag.String("only", "", "the kind of wrong start, by its name")
	flag.Parse()
	kinds := slices.DeleteFunc(slices.Clone(wrongs), func(w wrong) bool { return *only != "" && w.name != *only })
	fmt.Printf("rankchaos: -seed %d -kills %d -starts %d\n", *seed, *kills, *starts)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := disturb(ctx, rand.New(rand.NewPCG(*seed, 0)), kinds, *kills, *starts)
	stop()
	if err != nil {
		fmt.Println("rankchaos: FAILED:", err)
		os.Exit(1)
	}
	fmt.Println("rankchaos: ok")
}

// disturb does all.
func disturb(ctx context.Context, random *rand.Rand, kinds []wrong, kills, starts int) error {
	folder, err := os.MkdirTemp("", "rankchaos")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	programs := map[string]string{"gotorch": "./cmd/gotorch", "gpt": "./examples/gpt"}
	for name, path := range programs {
		programs[name] = filepath.Join(folder, name)
		if output, err := exec.CommandContext(ctx, "go", "build", "-o", programs[name], path).CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", path, err, output)
		}
	}
	if kills > 0 {
		t := training{launcher: programs["gotorch"], program: programs["gpt"], folder: folder}
		if err := t.kill(ctx, random, kills); err != nil {
			return err
		}
	}
	return startWrongly(ctx, random, programs["gotorch"], kinds, starts)
}
