"""The platform on one machine: builds, runs and routes the applications of `.upsun/config.yaml`.

A command builds what has changed, in its own process, and asks the environment's supervisor for the rest, over a socket in the state
directory. The supervisor holds everything that runs. Namespaces have no names: they live as long as their processes, and those end with
the supervisor (parent death signal, first process of a process namespace), so that after kill -9 there is nothing to take down but empty
control groups. Where there are no namespaces, `running.json` lists the sessions that the next command has to end.

    command         the verbs                      supervisor   the process behind an environment; how commands ask it
    deploying       up, redeploy, restart, stop    stack        all instances, deployments
    entering        ssh, env, cron, operation,     router       nginx in front of all of them
                    logs                           instance     one container's nginx and app, kept running
    reporting       status, resources              container    where it runs: namespaces, or loopback
    settings        variable                       network      bridge and addresses in a namespace of their own
    snapshots       backup, restore                sandbox      makes a container's root from inside it
    tunnels         tunnel                         memory       control groups
    validating      validate                       tunnel       one port that leads into the network
                                                   processes    their making, children and end

    document        YAML with lines                build        clean export, hook, frozen tree
    shapes, lint    rules                          tree         files: what git would push, manifests
    advice          warnings                       variables    environments of builds and of apps
    catalogue       types, sizes                   nginx        configurations of app and router
    project         apps with their defaults       driver       what this machine allows
    state           the state directory
    console         what is printed

Two ways past limits that are worth knowing: the router's port is opened on the machine's loopback and handed to an nginx that lives in
the private network; a tunnel's outgoing sockets are made in the app's network by a thread that goes there for a moment.
"""
