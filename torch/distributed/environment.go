package distributed

import (
	"os"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// slurm returns a variable that launchers set, or what Slurm's srun says instead: it
// starts a process for each task. The master is the first host of the job step, and its
// port follows from the job's number, so that two jobs on one host do not meet.
func slurm(name string) (string, error) {
	switch name {
	case "RANK":
		return os.Getenv("SLURM_PROCID"), nil
	case "WORLD_SIZE":
		return os.Getenv("SLURM_NTASKS"), nil
	case "LOCAL_RANK":
		return os.Getenv("SLURM_LOCALID"), nil
	case "MASTER_ADDR":
		list := os.Getenv("SLURM_STEP_NODELIST")
		if list == "" {
			list = os.Getenv("SLURM_JOB_NODELIST")
		}
		return firstHost(list)
	case "MASTER_PORT":
		id, err := strconv.Atoi(os.Getenv("SLURM_JOB_ID"))
		if err != nil {
			return "", nil //nolint:nilerr // it is not set
		}
		const lowest, span = 15000, 10000
		return strconv.Itoa(lowest + id%span), nil
	}
	return "", nil
}

// launched returns a variable of the environment that launchers set. Slurm is asked where
// none of them has said which rank this process is.
func launched(name string) (string, error) {
	if value := os.Getenv(name); value != "" || os.Getenv("RANK") != "" {
		return value, nil
	}
	return slurm(name)
}

// firstHost returns the first host of a list as Slurm writes it: "gpu[007-012,20],login1".
func firstHost(list string) (string, error) {
	open := strings.IndexAny(list, "[,")
	if open < 0 {
		return list, nil
	}
	if list[open] == ',' {
		return list[:open], nil
	}
	inside, after, closed := strings.Cut(list[open+1:], "]")
	number := inside
	if end := strings.IndexAny(inside, "-,"); end >= 0 {
		number = inside[:end]
	}
	if !closed || number == "" {
		return "", refusal(torch.ValueError, "the list of hosts %q is none of Slurm's: MASTER_ADDR says which one is the master", list)
	}
	suffix, err := firstHost(after)
	return list[:open] + number + suffix, err
}

// GetNodeLocalRank returns the rank of this process among those on its machine, from 0 on,
// which launchers give: LOCAL_RANK. Where they do not it returns the fallback, and fails
// without one.
//
// https://docs.pytorch.org/docs/stable/distributed.html#torch.distributed.get_node_local_rank
func GetNodeLocalRank(fallback ...int) (int, error) {
	const op = "GetNodeLocalRank"
	text, err := launched("LOCAL_RANK")
	if err == nil && text != "" {
		rank, err := strconv.Atoi(text)
		if err != nil {
			return -1, &Error{Op: op, Rank: -1, Err: refusal(torch.ValueError, "the environment variable LOCAL_RANK is %q, which is no integer", text)}
		}
		return rank, nil
	}
	if len(fallback) == 0 {
		return -1, &Error{Op: op, Rank: -1, Err: refusal(torch.RuntimeError, "LOCAL_RANK is not in the environment: give a fallback to run without a launcher")}
	}
	return option.AtMostOne(fallback)
}
