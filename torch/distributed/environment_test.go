package distributed

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
)

// launchedBy sets the environment, without what another launcher may have set.
func launchedBy(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, name := range []string{"RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT", "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID",
		"SLURM_JOB_ID", "SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST"} {
		t.Setenv(name, variables[name])
		if variables[name] == "" {
			os.Unsetenv(name)
		}
	}
}

func TestFirstHost(t *testing.T) {
	for list, want := range map[string]string{
		"": "", "node1": "node1", "a,b": "a", "gpu[007-012,20],login1": "gpu007", "n[3,5]": "n3", "rack[1-2]n[08-09].site": "rack1n08.site", "n[4]": "n4",
	} {
		got, err := firstHost(list)
		require.NoError(t, err)
		assert.Equal(t, want, got, list)
	}
	for _, list := range []string{"n[", "n[]", "n[1-2"} {
		_, err := firstHost(list)
		assert.ErrorContains(t, err, "is none of Slurm's")
	}
}

// A job step of one task meets where Slurm's variables say, and those of another launcher
// go before them.
func TestSlurm(t *testing.T) {
	if torch.Version() != cgotorch.SchemaVersion {
		t.Skip("this libtorch has no c10d: TestOlderLibtorch")
	}
	step := map[string]string{"SLURM_PROCID": "0", "SLURM_NTASKS": "1", "SLURM_LOCALID": "0", "SLURM_JOB_ID": "4711234",
		"SLURM_STEP_NODELIST": "localhost,other", "SLURM_JOB_NODELIST": "first,localhost"}
	launchedBy(t, step)
	port, err := launched("MASTER_PORT")
	require.NoError(t, err)
	assert.Equal(t, "16234", port)
	step["SLURM_JOB_ID"] = strconv.Itoa(os.Getpid()) // a port of its own
	launchedBy(t, step)
	require.NoError(t, InitProcessGroup(InitOptions{Timeout: 20 * time.Second}))
	assert.Equal(t, 1, GetWorldSize())
	require.NoError(t, DestroyProcessGroup())

	step["SLURM_STEP_NODELIST"] = "n["
	launchedBy(t, step)
	assert.ErrorContains(t, InitProcessGroup(), `the list of hosts "n[" is none of Slurm's: MASTER_ADDR says which one is the master`)
	step["RANK"] = "0"
	launchedBy(t, step)
	assert.ErrorContains(t, InitProcessGroup(), " is not set: gotorch run and torchrun set")
}

func TestGetNodeLocalRank(t *testing.T) {
	launchedBy(t, map[string]string{"SLURM_LOCALID": "3"})
	rank, err := GetNodeLocalRank()
	require.NoError(t, err)
	assert.Equal(t, 3, rank)
	launchedBy(t, map[string]string{"RANK": "1", "LOCAL_RANK": "2", "SLURM_LOCALID": "3"})
	rank, err = GetNodeLocalRank(7)
	require.NoError(t, err)
	assert.Equal(t, 2, rank)
	launchedBy(t, nil)
	rank, err = GetNodeLocalRank(7)
	require.NoError(t, err)
	assert.Equal(t, 7, rank)
	_, err = GetNodeLocalRank()
	assert.ErrorContains(t, err, "LOCAL_RANK is not in the environment")
	launchedBy(t, map[string]string{"LOCAL_RANK": "two"})
	_, err = GetNodeLocalRank()
	assert.ErrorContains(t, err, `LOCAL_RANK is "two", which is no integer`)
}
