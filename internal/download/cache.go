package download

import (
	"fmt"
	"os"
	"path/filepath"
)

// CacheFolder returns a folder of the cache, $GOTORCH_CACHE or else gotorch in the user's.
// hint is what else a user may set where there is none.
func CacheFolder(hint string, names ...string) (string, error) {
	cache := os.Getenv("GOTORCH_CACHE")
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no cache folder: %w; set $GOTORCH_CACHE or %s", err, hint)
		}
		cache = filepath.Join(user, "gotorch")
	}
	return filepath.Join(append([]string{cache}, names...)...), nil
}
