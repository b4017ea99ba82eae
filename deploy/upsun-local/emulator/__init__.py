"""The platform on one machine: builds, runs and routes the applications of `.upsun/config.yaml`."""
