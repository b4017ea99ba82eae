"""Part `server`: this server and the official one, one after the other, under the same load."""

from parts import server_run


def run(binaries, data, seconds, repeats, progress):
    """{"ours": [figures, …], "official": […]}; the order alternates over the repeats. Never both at once."""
    bodies = data.batches()
    # The right answers are computed before, so that no server waits with a cooling cache.
    data.right_answers()
    for percent in server_run.SELECTIVITIES:
        data.right_answers(percent, 200)
    found = {side: [] for side in binaries}
    for repeat in range(repeats):
        sides = list(binaries)
        for side in sides if repeat % 2 == 0 else reversed(sides):

            def say(text, side=side, repeat=repeat):
                progress(f"server, {data.name}, {side}, repeat {repeat + 1}: {text}")

            found[side].append(server_run.run(binaries[side], data, bodies, seconds, say))
    return found
