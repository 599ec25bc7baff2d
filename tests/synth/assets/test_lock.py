"""The lock file: entries of writers at the same time are all kept."""

from concurrent.futures import ThreadPoolExecutor

from synth.assets import lock


def test_writers_at_the_same_time_lose_nothing(tmp_path):
    def write(k: int) -> None:
        lock.record(tmp_path, {f"{k}.amc": lock.Entry(sha256="0" * 64, size=k, origin="a test")})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(64)))
    assert {name: entry.size for name, entry in lock.read(tmp_path).items()} == {f"{k}.amc": k for k in range(64)}
    assert [path.name for path in tmp_path.iterdir()] == [lock.NAME]
