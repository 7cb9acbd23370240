#!/bin/bash
echo "loading for a very long time"
exec sleep 3600
