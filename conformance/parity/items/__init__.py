"""Items of stage 4: tasks whose answers can be scored without a model's opinion."""
